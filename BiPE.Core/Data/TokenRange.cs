namespace BiPE.Core.Data;

/// <summary>The one check that every token source makes.</summary>
internal static class TokenRange
{
    /// <summary>Throws unless <c>start .. start + length - 1</c> lies inside a stream of <paramref name="count"/> tokens.</summary>
    public static void ThrowIfOutside(long start, int length, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, count - length);
    }
}
