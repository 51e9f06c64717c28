using System.Runtime.CompilerServices;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>
/// The innermost loop of products: a tile of <c>TileRows x 3</c> vectors held in registers while the inner dimension runs.
/// Every row's element is broadcast and meets three vectors of a row of b. Rows are spelled out because only locals become
/// registers.
/// </summary>
internal static unsafe class MatMulMicroKernel<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    /// <summary>Rows of a tile.</summary>
    public static int Rows => TSimd.TileRows;

    /// <summary>Columns of a tile.</summary>
    public static int Columns => 3 * TSimd.Width;

    /// <summary>c (=|+=) alpha * a b, one tile.</summary>
    /// <param name="k">Inner dimension.</param>
    /// <param name="a">Packed panel <c>[k, Rows]</c>.</param>
    /// <param name="b">Panel <c>[k, Columns]</c>.</param>
    /// <param name="c">First element of the tile.</param>
    /// <param name="cRow">Elements from a row of c to the next.</param>
    /// <param name="alpha">Factor.</param>
    /// <param name="accumulate">Whether the product is added to c.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply(nint k, float* a, float* b, float* c, nint cRow, float alpha, bool accumulate)
    {
        if (TSimd.TileRows == 8)
        {
            Packed8x3(k, a, b, c, cRow, TSimd.Broadcast(alpha), accumulate);
        }
        else
        {
            Packed4x3(k, a, b, c, cRow, TSimd.Broadcast(alpha), accumulate);
        }
    }

    private static void Packed8x3(nint k, float* a, float* b, float* c, nint cRow, TVector alpha, bool accumulate)
    {
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c02 = TSimd.Zero;
        TVector c10 = TSimd.Zero, c11 = TSimd.Zero, c12 = TSimd.Zero;
        TVector c20 = TSimd.Zero, c21 = TSimd.Zero, c22 = TSimd.Zero;
        TVector c30 = TSimd.Zero, c31 = TSimd.Zero, c32 = TSimd.Zero;
        TVector c40 = TSimd.Zero, c41 = TSimd.Zero, c42 = TSimd.Zero;
        TVector c50 = TSimd.Zero, c51 = TSimd.Zero, c52 = TSimd.Zero;
        TVector c60 = TSimd.Zero, c61 = TSimd.Zero, c62 = TSimd.Zero;
        TVector c70 = TSimd.Zero, c71 = TSimd.Zero, c72 = TSimd.Zero;
        for (nint i = 0; i < k; i++)
        {
            TVector b0 = TSimd.Load(b);
            TVector b1 = TSimd.Load(b + TSimd.Width);
            TVector b2 = TSimd.Load(b + (2 * TSimd.Width));
            TVector x = TSimd.Broadcast(a[0]);
            c00 = TSimd.MultiplyAdd(x, b0, c00);
            c01 = TSimd.MultiplyAdd(x, b1, c01);
            c02 = TSimd.MultiplyAdd(x, b2, c02);
            x = TSimd.Broadcast(a[1]);
            c10 = TSimd.MultiplyAdd(x, b0, c10);
            c11 = TSimd.MultiplyAdd(x, b1, c11);
            c12 = TSimd.MultiplyAdd(x, b2, c12);
            x = TSimd.Broadcast(a[2]);
            c20 = TSimd.MultiplyAdd(x, b0, c20);
            c21 = TSimd.MultiplyAdd(x, b1, c21);
            c22 = TSimd.MultiplyAdd(x, b2, c22);
            x = TSimd.Broadcast(a[3]);
            c30 = TSimd.MultiplyAdd(x, b0, c30);
            c31 = TSimd.MultiplyAdd(x, b1, c31);
            c32 = TSimd.MultiplyAdd(x, b2, c32);
            x = TSimd.Broadcast(a[4]);
            c40 = TSimd.MultiplyAdd(x, b0, c40);
            c41 = TSimd.MultiplyAdd(x, b1, c41);
            c42 = TSimd.MultiplyAdd(x, b2, c42);
            x = TSimd.Broadcast(a[5]);
            c50 = TSimd.MultiplyAdd(x, b0, c50);
            c51 = TSimd.MultiplyAdd(x, b1, c51);
            c52 = TSimd.MultiplyAdd(x, b2, c52);
            x = TSimd.Broadcast(a[6]);
            c60 = TSimd.MultiplyAdd(x, b0, c60);
            c61 = TSimd.MultiplyAdd(x, b1, c61);
            c62 = TSimd.MultiplyAdd(x, b2, c62);
            x = TSimd.Broadcast(a[7]);
            c70 = TSimd.MultiplyAdd(x, b0, c70);
            c71 = TSimd.MultiplyAdd(x, b1, c71);
            c72 = TSimd.MultiplyAdd(x, b2, c72);
            a += 8;
            b += 3 * TSimd.Width;
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

    private static void Packed4x3(nint k, float* a, float* b, float* c, nint cRow, TVector alpha, bool accumulate)
    {
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c02 = TSimd.Zero;
        TVector c10 = TSimd.Zero, c11 = TSimd.Zero, c12 = TSimd.Zero;
        TVector c20 = TSimd.Zero, c21 = TSimd.Zero, c22 = TSimd.Zero;
        TVector c30 = TSimd.Zero, c31 = TSimd.Zero, c32 = TSimd.Zero;
        for (nint i = 0; i < k; i++)
        {
            TVector b0 = TSimd.Load(b);
            TVector b1 = TSimd.Load(b + TSimd.Width);
            TVector b2 = TSimd.Load(b + (2 * TSimd.Width));
            TVector x = TSimd.Broadcast(a[0]);
            c00 = TSimd.MultiplyAdd(x, b0, c00);
            c01 = TSimd.MultiplyAdd(x, b1, c01);
            c02 = TSimd.MultiplyAdd(x, b2, c02);
            x = TSimd.Broadcast(a[1]);
            c10 = TSimd.MultiplyAdd(x, b0, c10);
            c11 = TSimd.MultiplyAdd(x, b1, c11);
            c12 = TSimd.MultiplyAdd(x, b2, c12);
            x = TSimd.Broadcast(a[2]);
            c20 = TSimd.MultiplyAdd(x, b0, c20);
            c21 = TSimd.MultiplyAdd(x, b1, c21);
            c22 = TSimd.MultiplyAdd(x, b2, c22);
            x = TSimd.Broadcast(a[3]);
            c30 = TSimd.MultiplyAdd(x, b0, c30);
            c31 = TSimd.MultiplyAdd(x, b1, c31);
            c32 = TSimd.MultiplyAdd(x, b2, c32);
            a += 4;
            b += 3 * TSimd.Width;
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(float* destination, TVector product, TVector alpha, bool accumulate) =>
        TSimd.Store(
            destination,
            accumulate ? TSimd.MultiplyAdd(alpha, product, TSimd.Load(destination)) : TSimd.Multiply(alpha, product));
}
