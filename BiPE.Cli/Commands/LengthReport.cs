using BiPE.Core.Data;

namespace BiPE.Cli.Commands;

/// <summary>How lengths are distributed, in tokens.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Shortest">The shortest.</param>
/// <param name="Median">Half are no longer.</param>
/// <param name="Percentile95">95 of 100 are no longer.</param>
/// <param name="Longest">The longest.</param>
internal sealed record LengthReport(long Count, double Mean, long Shortest, long Median, long Percentile95, long Longest)
{
    /// <summary>Sums lengths up; a token shard is never empty, so there is at least one.</summary>
    /// <param name="lengths">The lengths.</param>
    public static LengthReport Of(LengthHistogram lengths)
    {
        ArgumentNullException.ThrowIfNull(lengths);
        return new LengthReport(
            lengths.Count, lengths.Mean, lengths.Quantile(0), lengths.Quantile(0.5), lengths.Quantile(0.95), lengths.Quantile(1));
    }
}
