using BiPE.Core.Data.Statistics;

namespace BiPE.Cli.Inspection;

/// <summary>Segments for one set of separators.</summary>
/// <param name="Separators">Name of the set of separators.</param>
/// <param name="Lengths">Tokens of a segment of the text.</param>
/// <param name="LongSegments">How many tokens are in segments that the intra-segment range does not hold.</param>
/// <param name="Blocks">Segments of blocks, for each block size.</param>
internal sealed record SegmentReport(string Separators, LengthReport Lengths, LongSegmentReport LongSegments, IReadOnlyList<BlockReport> Blocks)
{
    public static SegmentReport Of(SegmentStatistics segments, int trainedRange, bool withHistograms) => new(
        segments.Separators.Name,
        LengthReport.Of(segments.Lengths, withHistograms)!,
        LongSegmentReport.Of(segments.Lengths, trainedRange),
        [.. segments.Blocks.Select(blocks => BlockReport.Of(blocks, trainedRange, withHistograms))]);
}
