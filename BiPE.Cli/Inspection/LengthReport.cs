using System.Text.Json.Serialization;
using BiPE.Core.Data;

namespace BiPE.Cli.Inspection;

/// <summary>How lengths are distributed; quantiles are exact (nearest rank).</summary>
/// <param name="Count">How many there are.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Shortest">The shortest.</param>
/// <param name="Percentile5">5 of 100 are no longer.</param>
/// <param name="Median">Half are no longer.</param>
/// <param name="Percentile95">95 of 100 are no longer.</param>
/// <param name="Percentile99">99 of 100 are no longer.</param>
/// <param name="Longest">The longest.</param>
/// <param name="Histogram">Each length and how often it occurs, the shortest first; null where it is not asked for.</param>
internal sealed record LengthReport(
    long Count,
    double Mean,
    long Shortest,
    long Percentile5,
    long Median,
    long Percentile95,
    long Percentile99,
    long Longest,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<long[]>? Histogram)
{
    /// <summary>Sums lengths up; null if there are none.</summary>
    /// <param name="lengths">The lengths.</param>
    /// <param name="withHistogram">Whether the counts themselves are wanted.</param>
    public static LengthReport? Of(LengthHistogram lengths, bool withHistogram)
    {
        ArgumentNullException.ThrowIfNull(lengths);
        return lengths.Count == 0 ? null : new LengthReport(
            lengths.Count,
            lengths.Mean,
            lengths.Quantile(0),
            lengths.Quantile(0.05),
            lengths.Quantile(0.5),
            lengths.Quantile(0.95),
            lengths.Quantile(0.99),
            lengths.Quantile(1),
            withHistogram ? [.. lengths.Counts.Select(entry => new[] { entry.Key, entry.Value })] : null);
    }
}
