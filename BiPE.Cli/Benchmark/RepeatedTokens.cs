using BiPE.Core.Data;

namespace BiPE.Cli.Benchmark;

/// <summary>Tokens that come round again and again.</summary>
/// <param name="period">One round, not empty.</param>
/// <param name="count">Tokens of all rounds, the last one maybe cut off.</param>
internal sealed class RepeatedTokens(int[] period, long count) : ITokenSource
{
    public long TokenCount => count;

    public void Read(long start, Span<int> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, count - destination.Length);
        int at = (int)(start % period.Length);
        while (destination.Length > 0)
        {
            int length = Math.Min(destination.Length, period.Length - at);
            period.AsSpan(at, length).CopyTo(destination);
            destination = destination[length..];
            at = 0;
        }
    }
}
