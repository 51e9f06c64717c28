using System.Runtime.InteropServices;

namespace BiPE.Core.Data;

/// <summary>
/// Exact counts of lengths. It takes memory by the number of different lengths, which for lengths that sum up to n is at
/// most the square root of 2n.
/// </summary>
public sealed class LengthHistogram
{
    private readonly Dictionary<long, long> _counts = [];
    private KeyValuePair<long, long>[]? _sorted;

    /// <summary>How many lengths were added.</summary>
    public long Count { get; private set; }

    /// <summary>Their sum.</summary>
    public long Sum { get; private set; }

    /// <summary>Their mean; not a number if there are none.</summary>
    public double Mean => (double)Sum / Count;

    /// <summary>Each length and how often it was added, the shortest first.</summary>
    public IReadOnlyList<KeyValuePair<long, long>> Counts => _sorted ??= [.. _counts.OrderBy(entry => entry.Key)];

    /// <summary>Adds a length.</summary>
    /// <param name="length">Any number.</param>
    public void Add(long length)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_counts, length, out _)++;
        Count++;
        Sum += length;
        _sorted = null;
    }

    /// <summary>Sum of the lengths above a limit.</summary>
    /// <param name="limit">The longest length that is left out.</param>
    public long SumAbove(long limit) => _counts.Where(entry => entry.Key > limit).Sum(entry => entry.Key * entry.Value);

    /// <summary>By how much lengths exceed a limit, summed over those that do.</summary>
    /// <param name="limit">The limit.</param>
    public long ExcessOver(long limit) => _counts.Where(entry => entry.Key > limit).Sum(entry => (entry.Key - limit) * entry.Value);

    /// <summary>The shortest length that at least the given share of all lengths do not exceed (nearest rank).</summary>
    /// <param name="share">0 for the shortest, 0.5 for the median, 1 for the longest.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is not in 0 .. 1.</exception>
    /// <exception cref="InvalidOperationException">No length was added.</exception>
    public long Quantile(double share)
    {
        if (!(share >= 0 && share <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(share), share, "A share lies in 0 .. 1.");
        }

        if (Count == 0)
        {
            throw new InvalidOperationException("There are no lengths.");
        }

        long rank = Math.Clamp((long)Math.Ceiling(share * Count), 1, Count);
        long seen = 0;
        foreach (var (length, count) in Counts)
        {
            seen += count;
            if (seen >= rank)
            {
                return length;
            }
        }

        return Counts[^1].Key;
    }
}
