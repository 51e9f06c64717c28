namespace BiPE.Core.Tensors.Reference;

public static partial class ReferenceOperations<T>
{
    /// <summary>destination[n, k] = table[n, positions[n, k]], linear between columns and constant outside.</summary>
    /// <param name="destination"><c>[N, K]</c>.</param>
    /// <param name="table"><c>[N, M]</c>.</param>
    /// <param name="positions"><c>[N, K]</c>.</param>
    /// <param name="columns">M.</param>
    /// <param name="count">K.</param>
    public static void InterpolateRows(Span<T> destination, ReadOnlySpan<T> table, ReadOnlySpan<T> positions, int columns, int count)
    {
        for (int i = 0; i < positions.Length; i++)
        {
            ReadOnlySpan<T> row = table.Slice(i / count * columns, columns);
            (int column, T share) = Place(positions[i], columns);
            destination[i] = row[column] + (share == T.Zero ? T.Zero : share * (row[column + 1] - row[column]));
        }
    }

    /// <summary>Gradient of <see cref="InterpolateRows"/>.</summary>
    /// <param name="tableGradient"><c>[N, M]</c>, written.</param>
    /// <param name="positionGradient"><c>[N, K]</c>, written.</param>
    /// <param name="gradient"><c>[N, K]</c>.</param>
    /// <param name="table"><c>[N, M]</c>.</param>
    /// <param name="positions"><c>[N, K]</c>.</param>
    /// <param name="columns">M.</param>
    /// <param name="count">K.</param>
    public static void InterpolateRowsBackward(
        Span<T> tableGradient, Span<T> positionGradient, ReadOnlySpan<T> gradient, ReadOnlySpan<T> table, ReadOnlySpan<T> positions, int columns, int count)
    {
        tableGradient.Clear();
        for (int i = 0; i < positions.Length; i++)
        {
            int start = i / count * columns;
            (int column, T share) = Place(positions[i], columns);
            T given = gradient[i];
            bool isInside = positions[i] >= T.Zero && positions[i] < T.CreateChecked(columns - 1);
            positionGradient[i] = isInside ? given * (table[start + column + 1] - table[start + column]) : T.Zero;
            tableGradient[start + column] += given * (T.One - share);
            if (share != T.Zero)
            {
                tableGradient[start + column + 1] += given * share;
            }
        }
    }

    /// <summary>The column before a position, and how far behind it the position is, in 0 .. 1.</summary>
    private static (int Column, T Share) Place(T position, int columns)
    {
        T inside = T.Clamp(position, T.Zero, T.CreateChecked(columns - 1));
        T whole = T.Floor(inside);
        return (int.CreateChecked(whole), inside - whole);
    }
}
