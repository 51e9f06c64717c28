namespace BiPE.Core.Positions;

/// <summary>Sizes of tables with a row for every position, which long texts could make larger than an array can be.</summary>
internal static class PositionTableSize
{
    private const int FewestRows = 16;

    /// <summary>Rows of a table that serves the given positions: a power of two, so that it does not grow step by step.</summary>
    /// <param name="positions">Positions needed.</param>
    public static long RowsFor(int positions) => (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)Math.Max(positions, FewestRows));

    /// <summary>Numbers of a table.</summary>
    /// <param name="rows">Its rows, for instance positions.</param>
    /// <param name="columns">Numbers of each, at least 1.</param>
    /// <exception cref="BipeException">They are more than an array holds.</exception>
    public static int Of(long rows, long columns)
    {
        long largest = Array.MaxLength / columns;
        return rows <= largest
            ? (int)(rows * columns)
            : throw new BipeException(
                $"The position encoding needs a table of {rows:N0} rows by {columns:N0} numbers, expected at most {largest:N0} such rows; "
                + "shorten the blocks (--block-size), or lower --pose-length or position.attention.positions where these make positions larger.");
    }
}
