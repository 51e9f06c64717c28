using BiPE.Core.Data.Statistics;

namespace BiPE.Cli.Inspection;

/// <summary>What <c>bipe data inspect</c> tells.</summary>
/// <param name="Data">The corpus in words.</param>
/// <param name="Tokenizer">Kind of the tokenizer.</param>
/// <param name="VocabularySize">Its number of ids.</param>
/// <param name="Shards">The token shards; null if the data is text.</param>
/// <param name="BrokenLines">Lines of the text that were skipped.</param>
/// <param name="Separators">Sets of separators with their ids.</param>
/// <param name="TrainedRange">Rows of the intra-segment table that long segments are measured by.</param>
/// <param name="BytesMissing">Why bytes are not known; null if they are.</param>
/// <param name="Sets">The sets by name, and <see cref="CorpusStatistics.AllSets"/> last unless there is only one set.</param>
internal sealed record InspectReport(
    string Data,
    string Tokenizer,
    int VocabularySize,
    IReadOnlyList<ShardReport>? Shards,
    long BrokenLines,
    IReadOnlyList<SeparatorSet> Separators,
    int TrainedRange,
    string? BytesMissing,
    IReadOnlyList<SetReport> Sets);
