using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>
/// The innermost loops of all products: tiles of <c>TileRows x 3</c> vectors held in registers while the inner dimension runs. Any
/// strides of a; rows of b and c contiguous and best in the caches already. An element of a is broadcast and meets three vectors
/// of a row of b: with 32 registers of 512 bits, 24 sums, 3 vectors of b and 1 of a. Rows are spelled out because only locals become
/// registers.
/// </summary>
internal static unsafe class TileProduct<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    // Rows of b are asked for so far ahead: in time even when they come from memory, as they do in products of a few rows, and
    // without harm when a cache has them. The processor's own fetching ahead is too late there.
    private const int FetchedRows = 48;

    /// <summary>Columns of the widest tile.</summary>
    public static int WideColumns => 3 * TSimd.Width;

    /// <summary>c[m, n] (=|+=) alpha * sum over k of a[m * aRow + k * aColumn] * b[k * bRow + n].</summary>
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
    public static void Multiply(
        nint m, nint n, nint k, float* a, nint aRow, nint aColumn, float* b, nint bRow, float* c, nint cRow, float alpha, bool accumulate)
    {
        Debug.Assert(n % TSimd.Width == 0, "Columns must fill vectors.");
        TVector factor = TSimd.Broadcast(alpha);
        nint rows = TSimd.TileRows;
        nint wide = WideColumns;
        for (nint column = 0; column < n;)
        {
            nint row = 0;
            if (n - column >= wide)
            {
                for (; row + rows <= m; row += rows)
                {
                    if (TSimd.TileRows == 8)
                    {
                        Strided8x3(k, a + (row * aRow), aRow, aColumn, b + column, bRow, c + (row * cRow) + column, cRow, factor, accumulate);
                    }
                    else
                    {
                        Strided4x3(k, a + (row * aRow), aRow, aColumn, b + column, bRow, c + (row * cRow) + column, cRow, factor, accumulate);
                    }
                }

                for (; row + 4 <= m; row += 4)
                {
                    Strided4x3(k, a + (row * aRow), aRow, aColumn, b + column, bRow, c + (row * cRow) + column, cRow, factor, accumulate);
                }

                for (; row < m; row++)
                {
                    Strided1x3(k, a + (row * aRow), aColumn, b + column, bRow, c + (row * cRow) + column, factor, accumulate);
                }

                column += wide;
                continue;
            }

            for (; row + 8 <= m; row += 8)
            {
                Strided8x1(k, a + (row * aRow), aRow, aColumn, b + column, bRow, c + (row * cRow) + column, cRow, factor, accumulate);
            }

            for (; row < m; row++)
            {
                Strided1x1(k, a + (row * aRow), aColumn, b + column, bRow, c + (row * cRow) + column, factor, accumulate);
            }

            column += TSimd.Width;
        }
    }

    private static void Strided8x3(nint k, float* a, nint aRow, nint aColumn, float* b, nint bRow, float* c, nint cRow, TVector alpha, bool accumulate)
    {
        float* a1 = a + aRow;
        float* a2 = a1 + aRow;
        float* a3 = a2 + aRow;
        float* a4 = a3 + aRow;
        float* a5 = a4 + aRow;
        float* a6 = a5 + aRow;
        float* a7 = a6 + aRow;

        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c02 = TSimd.Zero;
        TVector c10 = TSimd.Zero, c11 = TSimd.Zero, c12 = TSimd.Zero;
        TVector c20 = TSimd.Zero, c21 = TSimd.Zero, c22 = TSimd.Zero;
        TVector c30 = TSimd.Zero, c31 = TSimd.Zero, c32 = TSimd.Zero;
        TVector c40 = TSimd.Zero, c41 = TSimd.Zero, c42 = TSimd.Zero;
        TVector c50 = TSimd.Zero, c51 = TSimd.Zero, c52 = TSimd.Zero;
        TVector c60 = TSimd.Zero, c61 = TSimd.Zero, c62 = TSimd.Zero;
        TVector c70 = TSimd.Zero, c71 = TSimd.Zero, c72 = TSimd.Zero;

        // The destination may lie in memory; it arrives while the sums are formed.
        Prefetch(c);
        Prefetch(c + cRow);
        Prefetch(c + (2 * cRow));
        Prefetch(c + (3 * cRow));
        Prefetch(c + (4 * cRow));
        Prefetch(c + (5 * cRow));
        Prefetch(c + (6 * cRow));
        Prefetch(c + (7 * cRow));
        for (nint i = 0; i < k; i++)
        {
            TVector b0 = TSimd.Load(b);
            TVector b1 = TSimd.Load(b + TSimd.Width);
            TVector b2 = TSimd.Load(b + (2 * TSimd.Width));
            Prefetch(b + (FetchedRows * bRow));
            TVector x = TSimd.Broadcast(a[i * aColumn]);
            c00 = TSimd.MultiplyAdd(x, b0, c00);
            c01 = TSimd.MultiplyAdd(x, b1, c01);
            c02 = TSimd.MultiplyAdd(x, b2, c02);
            x = TSimd.Broadcast(a1[i * aColumn]);
            c10 = TSimd.MultiplyAdd(x, b0, c10);
            c11 = TSimd.MultiplyAdd(x, b1, c11);
            c12 = TSimd.MultiplyAdd(x, b2, c12);
            x = TSimd.Broadcast(a2[i * aColumn]);
            c20 = TSimd.MultiplyAdd(x, b0, c20);
            c21 = TSimd.MultiplyAdd(x, b1, c21);
            c22 = TSimd.MultiplyAdd(x, b2, c22);
            x = TSimd.Broadcast(a3[i * aColumn]);
            c30 = TSimd.MultiplyAdd(x, b0, c30);
            c31 = TSimd.MultiplyAdd(x, b1, c31);
            c32 = TSimd.MultiplyAdd(x, b2, c32);
            x = TSimd.Broadcast(a4[i * aColumn]);
            c40 = TSimd.MultiplyAdd(x, b0, c40);
            c41 = TSimd.MultiplyAdd(x, b1, c41);
            c42 = TSimd.MultiplyAdd(x, b2, c42);
            x = TSimd.Broadcast(a5[i * aColumn]);
            c50 = TSimd.MultiplyAdd(x, b0, c50);
            c51 = TSimd.MultiplyAdd(x, b1, c51);
            c52 = TSimd.MultiplyAdd(x, b2, c52);
            x = TSimd.Broadcast(a6[i * aColumn]);
            c60 = TSimd.MultiplyAdd(x, b0, c60);
            c61 = TSimd.MultiplyAdd(x, b1, c61);
            c62 = TSimd.MultiplyAdd(x, b2, c62);
            x = TSimd.Broadcast(a7[i * aColumn]);
            c70 = TSimd.MultiplyAdd(x, b0, c70);
            c71 = TSimd.MultiplyAdd(x, b1, c71);
            c72 = TSimd.MultiplyAdd(x, b2, c72);
            b += bRow;
        }

        Write(c, c00, alpha, accumulate);
        Write(c + TSimd.Width, c01, alpha, accumulate);
        Write(c + (2 * TSimd.Width), c02, alpha, accumulate);
        Write(c + cRow, c10, alpha, accumulate);
        Write(c + cRow + TSimd.Width, c11, alpha, accumulate);
        Write(c + cRow + (2 * TSimd.Width), c12, alpha, accumulate);
        Write(c + (2 * cRow), c20, alpha, accumulate);
        Write(c + (2 * cRow) + TSimd.Width, c21, alpha, accumulate);
        Write(c + (2 * cRow) + (2 * TSimd.Width), c22, alpha, accumulate);
        Write(c + (3 * cRow), c30, alpha, accumulate);
        Write(c + (3 * cRow) + TSimd.Width, c31, alpha, accumulate);
        Write(c + (3 * cRow) + (2 * TSimd.Width), c32, alpha, accumulate);
        Write(c + (4 * cRow), c40, alpha, accumulate);
        Write(c + (4 * cRow) + TSimd.Width, c41, alpha, accumulate);
        Write(c + (4 * cRow) + (2 * TSimd.Width), c42, alpha, accumulate);
        Write(c + (5 * cRow), c50, alpha, accumulate);
        Write(c + (5 * cRow) + TSimd.Width, c51, alpha, accumulate);
        Write(c + (5 * cRow) + (2 * TSimd.Width), c52, alpha, accumulate);
        Write(c + (6 * cRow), c60, alpha, accumulate);
        Write(c + (6 * cRow) + TSimd.Width, c61, alpha, accumulate);
        Write(c + (6 * cRow) + (2 * TSimd.Width), c62, alpha, accumulate);
        Write(c + (7 * cRow), c70, alpha, accumulate);
        Write(c + (7 * cRow) + TSimd.Width, c71, alpha, accumulate);
        Write(c + (7 * cRow) + (2 * TSimd.Width), c72, alpha, accumulate);
    }

    private static void Strided4x3(nint k, float* a, nint aRow, nint aColumn, float* b, nint bRow, float* c, nint cRow, TVector alpha, bool accumulate)
    {
        float* a1 = a + aRow;
        float* a2 = a1 + aRow;
        float* a3 = a2 + aRow;

        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c02 = TSimd.Zero;
        TVector c10 = TSimd.Zero, c11 = TSimd.Zero, c12 = TSimd.Zero;
        TVector c20 = TSimd.Zero, c21 = TSimd.Zero, c22 = TSimd.Zero;
        TVector c30 = TSimd.Zero, c31 = TSimd.Zero, c32 = TSimd.Zero;
        for (nint i = 0; i < k; i++)
        {
            TVector b0 = TSimd.Load(b);
            TVector b1 = TSimd.Load(b + TSimd.Width);
            TVector b2 = TSimd.Load(b + (2 * TSimd.Width));
            Prefetch(b + (FetchedRows * bRow));
            TVector x = TSimd.Broadcast(a[i * aColumn]);
            c00 = TSimd.MultiplyAdd(x, b0, c00);
            c01 = TSimd.MultiplyAdd(x, b1, c01);
            c02 = TSimd.MultiplyAdd(x, b2, c02);
            x = TSimd.Broadcast(a1[i * aColumn]);
            c10 = TSimd.MultiplyAdd(x, b0, c10);
            c11 = TSimd.MultiplyAdd(x, b1, c11);
            c12 = TSimd.MultiplyAdd(x, b2, c12);
            x = TSimd.Broadcast(a2[i * aColumn]);
            c20 = TSimd.MultiplyAdd(x, b0, c20);
            c21 = TSimd.MultiplyAdd(x, b1, c21);
            c22 = TSimd.MultiplyAdd(x, b2, c22);
            x = TSimd.Broadcast(a3[i * aColumn]);
            c30 = TSimd.MultiplyAdd(x, b0, c30);
            c31 = TSimd.MultiplyAdd(x, b1, c31);
            c32 = TSimd.MultiplyAdd(x, b2, c32);
            b += bRow;
        }

        Write(c, c00, alpha, accumulate);
        Write(c + TSimd.Width, c01, alpha, accumulate);
        Write(c + (2 * TSimd.Width), c02, alpha, accumulate);
        Write(c + cRow, c10, alpha, accumulate);
        Write(c + cRow + TSimd.Width, c11, alpha, accumulate);
        Write(c + cRow + (2 * TSimd.Width), c12, alpha, accumulate);
        Write(c + (2 * cRow), c20, alpha, accumulate);
        Write(c + (2 * cRow) + TSimd.Width, c21, alpha, accumulate);
        Write(c + (2 * cRow) + (2 * TSimd.Width), c22, alpha, accumulate);
        Write(c + (3 * cRow), c30, alpha, accumulate);
        Write(c + (3 * cRow) + TSimd.Width, c31, alpha, accumulate);
        Write(c + (3 * cRow) + (2 * TSimd.Width), c32, alpha, accumulate);
    }

    private static void Strided1x3(nint k, float* a, nint aColumn, float* b, nint bRow, float* c, TVector alpha, bool accumulate)
    {
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c02 = TSimd.Zero;
        for (nint i = 0; i < k; i++)
        {
            TVector b0 = TSimd.Load(b);
            TVector b1 = TSimd.Load(b + TSimd.Width);
            TVector b2 = TSimd.Load(b + (2 * TSimd.Width));
            Prefetch(b + (FetchedRows * bRow));
            TVector x = TSimd.Broadcast(a[i * aColumn]);
            c00 = TSimd.MultiplyAdd(x, b0, c00);
            c01 = TSimd.MultiplyAdd(x, b1, c01);
            c02 = TSimd.MultiplyAdd(x, b2, c02);
            b += bRow;
        }

        Write(c, c00, alpha, accumulate);
        Write(c + TSimd.Width, c01, alpha, accumulate);
        Write(c + (2 * TSimd.Width), c02, alpha, accumulate);
    }

    private static void Strided8x1(nint k, float* a, nint aRow, nint aColumn, float* b, nint bRow, float* c, nint cRow, TVector alpha, bool accumulate)
    {
        float* a1 = a + aRow;
        float* a2 = a1 + aRow;
        float* a3 = a2 + aRow;
        float* a4 = a3 + aRow;
        float* a5 = a4 + aRow;
        float* a6 = a5 + aRow;
        float* a7 = a6 + aRow;

        TVector c00 = TSimd.Zero;
        TVector c10 = TSimd.Zero;
        TVector c20 = TSimd.Zero;
        TVector c30 = TSimd.Zero;
        TVector c40 = TSimd.Zero;
        TVector c50 = TSimd.Zero;
        TVector c60 = TSimd.Zero;
        TVector c70 = TSimd.Zero;
        for (nint i = 0; i < k; i++)
        {
            TVector b0 = TSimd.Load(b);
            TVector x = TSimd.Broadcast(a[i * aColumn]);
            c00 = TSimd.MultiplyAdd(x, b0, c00);
            x = TSimd.Broadcast(a1[i * aColumn]);
            c10 = TSimd.MultiplyAdd(x, b0, c10);
            x = TSimd.Broadcast(a2[i * aColumn]);
            c20 = TSimd.MultiplyAdd(x, b0, c20);
            x = TSimd.Broadcast(a3[i * aColumn]);
            c30 = TSimd.MultiplyAdd(x, b0, c30);
            x = TSimd.Broadcast(a4[i * aColumn]);
            c40 = TSimd.MultiplyAdd(x, b0, c40);
            x = TSimd.Broadcast(a5[i * aColumn]);
            c50 = TSimd.MultiplyAdd(x, b0, c50);
            x = TSimd.Broadcast(a6[i * aColumn]);
            c60 = TSimd.MultiplyAdd(x, b0, c60);
            x = TSimd.Broadcast(a7[i * aColumn]);
            c70 = TSimd.MultiplyAdd(x, b0, c70);
            b += bRow;
        }

        Write(c, c00, alpha, accumulate);
        Write(c + cRow, c10, alpha, accumulate);
        Write(c + (2 * cRow), c20, alpha, accumulate);
        Write(c + (3 * cRow), c30, alpha, accumulate);
        Write(c + (4 * cRow), c40, alpha, accumulate);
        Write(c + (5 * cRow), c50, alpha, accumulate);
        Write(c + (6 * cRow), c60, alpha, accumulate);
        Write(c + (7 * cRow), c70, alpha, accumulate);
    }

    private static void Strided1x1(nint k, float* a, nint aColumn, float* b, nint bRow, float* c, TVector alpha, bool accumulate)
    {
        TVector c00 = TSimd.Zero;
        for (nint i = 0; i < k; i++)
        {
            TVector b0 = TSimd.Load(b);
            TVector x = TSimd.Broadcast(a[i * aColumn]);
            c00 = TSimd.MultiplyAdd(x, b0, c00);
            b += bRow;
        }

        Write(c, c00, alpha, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(float* row)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(row);
            Sse.Prefetch0(row + TSimd.Width);
            Sse.Prefetch0(row + (2 * TSimd.Width));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(float* destination, TVector product, TVector alpha, bool accumulate) =>
        TSimd.Store(
            destination,
            accumulate ? TSimd.MultiplyAdd(alpha, product, TSimd.Load(destination)) : TSimd.Multiply(alpha, product));
}
