using BiPE.Core.Data.Statistics;

namespace BiPE.Cli.Inspection;

/// <summary>Text or token shards after counting.</summary>
/// <param name="Statistics">The counts.</param>
/// <param name="Separators">Sets of separators with their ids.</param>
/// <param name="TokenizerKind">Kind of the tokenizer.</param>
/// <param name="VocabularySize">Its number of ids.</param>
/// <param name="Shards">The token shards; null if it was text.</param>
/// <param name="BrokenLines">Lines of the text that were skipped.</param>
internal sealed record InspectedData(
    CorpusStatistics Statistics,
    IReadOnlyList<SeparatorSet> Separators,
    string TokenizerKind,
    int VocabularySize,
    IReadOnlyList<ShardReport>? Shards,
    long BrokenLines);
