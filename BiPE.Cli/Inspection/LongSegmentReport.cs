using BiPE.Core.Data;

namespace BiPE.Cli.Inspection;

/// <summary>
/// What a trained intra-segment table does not hold. A model clips larger intra-segment ids to the table's last row, so the
/// tokens of such a segment's end cannot be told apart by it.
/// </summary>
/// <param name="TokenShare">Share of tokens in segments with more tokens than the table has rows; null if there are no tokens.</param>
/// <param name="ClippedShare">Share of tokens whose own intra-segment id is clipped; null if there are no tokens.</param>
internal sealed record LongSegmentReport(double? TokenShare, double? ClippedShare)
{
    public static LongSegmentReport Of(LengthHistogram lengths, int trainedRange) => lengths.Sum == 0
        ? new LongSegmentReport(null, null)
        : new LongSegmentReport((double)lengths.SumAbove(trainedRange) / lengths.Sum, (double)lengths.ExcessOver(trainedRange) / lengths.Sum);
}
