using BiPE.Core.Data.Statistics;

namespace BiPE.Cli.Inspection;

/// <summary>Segments of blocks of one size.</summary>
/// <param name="BlockSize">Tokens of a block.</param>
/// <param name="Blocks">Number of whole blocks.</param>
/// <param name="SegmentsPerBlock">Segments of a block; null if there is no whole block.</param>
/// <param name="SegmentLengths">Tokens of a segment in a block; null if there is no whole block.</param>
/// <param name="LongSegments">How many tokens are in segments, cut at block ends, that the intra-segment range does not hold.</param>
internal sealed record BlockReport(
    int BlockSize, long Blocks, LengthReport? SegmentsPerBlock, LengthReport? SegmentLengths, LongSegmentReport LongSegments)
{
    public static BlockReport Of(BlockSegments blocks, int trainedRange, bool withHistograms) => new(
        blocks.BlockSize,
        blocks.BlockCount,
        LengthReport.Of(blocks.SegmentsPerBlock, withHistograms),
        LengthReport.Of(blocks.SegmentLengths, withHistograms),
        LongSegmentReport.Of(blocks.SegmentLengths, trainedRange));
}
