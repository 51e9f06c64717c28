using BiPE.Core.Data.Statistics;

namespace BiPE.Cli.Inspection;

/// <summary>One set of a corpus, or all.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Documents">Number of documents.</param>
/// <param name="Tokens">Number of tokens, begin-of-sentence tokens included.</param>
/// <param name="TextBytes">Bytes of the text in UTF-8; null if they are not known.</param>
/// <param name="BytesPerToken">Bytes for each token; null if they are not known.</param>
/// <param name="DocumentLengths">Tokens of a document.</param>
/// <param name="Segments">Segments, for each set of separators.</param>
internal sealed record SetReport(
    string Name, long Documents, long Tokens, long? TextBytes, double? BytesPerToken, LengthReport DocumentLengths, IReadOnlyList<SegmentReport> Segments)
{
    public static SetReport Of(SetStatistics set, int trainedRange, bool withHistograms) => new(
        set.Name,
        set.DocumentCount,
        set.TokenCount,
        set.TextBytes,
        set.BytesPerToken,
        LengthReport.Of(set.DocumentLengths, withHistograms)!,
        [.. set.Segments.Select(segments => SegmentReport.Of(segments, trainedRange, withHistograms))]);
}
