using System.Diagnostics;
using System.Runtime.CompilerServices;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>
/// The innermost loops of all products: tiles of <c>TileRows x 3</c> vectors held in registers while the inner dimension runs. Any
/// strides of a; rows of b and c contiguous and best in the caches already. An element of a is broadcast and meets three vectors of a
/// row of b: with 32 registers of 512 bits, 24 sums, 3 vectors of b and 1 of a. Rows are spelled out because only locals become
/// registers. Columns that are left over meet tiles of two vectors, if there are 32 registers, or of one. A tile with fewer rows than
/// it has sums for computes some rows twice: that takes less time than reading b once more for tiles of fewer rows.
/// </summary>
internal static unsafe partial class TileProduct<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    // Rows of b are asked for so far ahead: in time even when they come from memory, as they do in products of a few rows, and
    // without harm when a cache has them. The processor's own fetching ahead is too late there.
    private const int FetchedRows = 48;

    /// <summary>Columns of the widest tile.</summary>
    public static int WideColumns => 3 * TSimd.Width;

    /// <summary>Whether there are tiles of eight rows and two vectors: registers hold their sums.</summary>
    public static bool HasPairs => TSimd.TileRows == 8;

    private static int PairColumns => 2 * TSimd.Width;

    /// <summary>Columns left for two tiles of two vectors, which take less time than one of three and one of a single vector.</summary>
    private static int TwoPairs => HasPairs ? 2 * PairColumns : 0;

    /// <summary>c[m, n] (=|+=) alpha * sum over k of a[m * aRow + k * aColumn] * b[k * bRow + n].</summary>
    /// <typeparam name="TElement">Of b: float, or ushort for bfloat16's bits, which are widened as they are read.</typeparam>
    /// <param name="m">Rows of c.</param>
    /// <param name="n">Columns of c, a multiple of the vector width.</param>
    /// <param name="k">Inner dimension.</param>
    /// <param name="a">First factor.</param>
    /// <param name="aRow">Elements from a row of a to the next.</param>
    /// <param name="aColumn">Elements from a column of a to the next.</param>
    /// <param name="b">Second factor.</param>
    /// <param name="bRow">Elements from a row of b to the next.</param>
    /// <param name="c">Destination.</param>
    /// <param name="cRow">Elements from a row of c to the next.</param>
    /// <param name="alpha">Factor.</param>
    /// <param name="accumulate">Whether the product is added to c.</param>
    public static void Multiply<TElement>(
        nint m, nint n, nint k, float* a, nint aRow, nint aColumn, TElement* b, nint bRow, float* c, nint cRow, float alpha, bool accumulate)
        where TElement : unmanaged
    {
        Debug.Assert(n % TSimd.Width == 0, "Columns must fill vectors.");
        TVector factor = TSimd.Broadcast(alpha);
        nint column = 0;
        for (; n - column >= WideColumns && n - column != TwoPairs; column += WideColumns)
        {
            for (nint row = 0; row < m; row += TSimd.TileRows)
            {
                WideTile(
                    Math.Min(TSimd.TileRows, m - row), k, a + (row * aRow), aRow, aColumn, b + column, bRow, c + (row * cRow) + column, cRow,
                    factor, accumulate, fetch: null, fetchStep: 0);
            }
        }

        MultiplyNarrow(m, n, k, a, aRow, aColumn, b, bRow, c, cRow, factor, accumulate, column);
    }

    /// <summary>The same for a panel of b that has to come from memory.</summary>
    /// <inheritdoc cref="Multiply" path="/typeparam|/param"/>
    /// <param name="next">What will be b in the next call, fetched evenly while all rows are computed; both are of the widest tile's columns,
    /// with nothing between their rows. Null to fetch b itself, ahead of the sums.</param>
    public static void MultiplyFetching<TElement>(
        nint m, nint n, nint k, float* a, nint aRow, nint aColumn, TElement* b, nint bRow, float* c, nint cRow, float alpha, bool accumulate,
        TElement* next)
        where TElement : unmanaged
    {
        Debug.Assert(n % TSimd.Width == 0, "Columns must fill vectors.");
        TVector factor = TSimd.Broadcast(alpha);
        nint rest = m % TSimd.TileRows;
        nint time = m - rest + (rest == 0 ? 0 : TimeOf(rest));
        nint nextPerTime = (WideColumns + time - 1) / time;
        nint column = 0;
        for (; n - column >= WideColumns; column += WideColumns)
        {
            TElement* fetch = next;
            for (nint row = 0; row < m; row += TSimd.TileRows)
            {
                nint count = Math.Min(TSimd.TileRows, m - row);
                nint fetchStep = nextPerTime * TimeOf(count);
                if (next == null)
                {
                    fetch = b + column + (FetchedRows * bRow);
                    fetchStep = bRow;
                }

                WideTile(
                    count, k, a + (row * aRow), aRow, aColumn, b + column, bRow, c + (row * cRow) + column, cRow,
                    factor, accumulate, fetch, fetchStep);
                fetch += k * fetchStep;
            }
        }

        MultiplyNarrow(m, n, k, a, aRow, aColumn, b, bRow, c, cRow, factor, accumulate, column);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WideTile<TElement>(
        nint rows, nint k, float* a, nint aRow, nint aColumn, TElement* b, nint bRow, float* c, nint cRow, TVector alpha, bool accumulate,
        TElement* fetch, nint fetchStep)
        where TElement : unmanaged
    {
        if (rows > 4)
        {
            Strided8x3(rows, k, a, aRow, aColumn, b, bRow, c, cRow, alpha, accumulate, fetch, fetchStep);
        }
        else if (rows > 1)
        {
            Strided4x3(rows, k, a, aRow, aColumn, b, bRow, c, cRow, alpha, accumulate, fetch, fetchStep);
        }
        else
        {
            Strided1x3(k, a, aColumn, b, bRow, c, alpha, accumulate, fetch, fetchStep);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PairTile<TElement>(
        nint rows, nint k, float* a, nint aRow, nint aColumn, TElement* b, nint bRow, float* c, nint cRow, TVector alpha, bool accumulate)
        where TElement : unmanaged
    {
        if (rows > 4)
        {
            Strided8x2(rows, k, a, aRow, aColumn, b, bRow, c, cRow, alpha, accumulate);
        }
        else
        {
            Strided8x1(rows, k, a, aRow, aColumn, b, bRow, c, cRow, alpha, accumulate);
            Strided8x1(rows, k, a, aRow, aColumn, b + TSimd.Width, bRow, c + TSimd.Width, cRow, alpha, accumulate);
        }
    }

    /// <summary>The last columns, two vectors at a time where registers hold the sums of eight rows, then one.</summary>
    private static void MultiplyNarrow<TElement>(
        nint m, nint n, nint k, float* a, nint aRow, nint aColumn, TElement* b, nint bRow, float* c, nint cRow, TVector alpha, bool accumulate,
        nint column)
        where TElement : unmanaged
    {
        for (; HasPairs && n - column >= PairColumns; column += PairColumns)
        {
            for (nint row = 0; row < m; row += 8)
            {
                PairTile(
                    Math.Min(8, m - row), k, a + (row * aRow), aRow, aColumn, b + column, bRow, c + (row * cRow) + column, cRow, alpha, accumulate);
            }
        }

        for (; column < n; column += TSimd.Width)
        {
            for (nint row = 0; row < m; row += 8)
            {
                Strided8x1(
                    Math.Min(8, m - row), k, a + (row * aRow), aRow, aColumn, b + column, bRow, c + (row * cRow) + column, cRow, alpha, accumulate);
            }
        }
    }

    /// <summary>How long a tile takes, in rows of a full one.</summary>
    private static nint TimeOf(nint rows) => rows > 4 ? 8 : rows > 1 ? 4 : 2;
}
