using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

internal static unsafe partial class TileProduct<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    private static void Strided8x3<TElement>(
        nint rows, nint k, float* a, nint aRow, nint aColumn, TElement* b, nint bRow, float* c, nint cRow, TVector alpha, bool accumulate,
        TElement* fetch, nint fetchStep)
        where TElement : unmanaged
    {
        float* a1 = rows > 1 ? a + aRow : a;
        float* a2 = rows > 2 ? a1 + aRow : a;
        float* a3 = rows > 3 ? a2 + aRow : a;
        float* a4 = rows > 4 ? a3 + aRow : a;
        float* a5 = rows > 5 ? a4 + aRow : a;
        float* a6 = rows > 6 ? a5 + aRow : a;
        float* a7 = rows > 7 ? a6 + aRow : a;

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
            TVector b0 = Load(b);
            TVector b1 = Load(b + TSimd.Width);
            TVector b2 = Load(b + (2 * TSimd.Width));
            if (fetch != null)
            {
                Prefetch(fetch);
                fetch += fetchStep;
            }

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

        WriteRow(c, c00, c01, c02, alpha, accumulate);
        if (rows > 1)
        {
            WriteRow(c + cRow, c10, c11, c12, alpha, accumulate);
        }

        if (rows > 2)
        {
            WriteRow(c + (2 * cRow), c20, c21, c22, alpha, accumulate);
        }

        if (rows > 3)
        {
            WriteRow(c + (3 * cRow), c30, c31, c32, alpha, accumulate);
        }

        if (rows > 4)
        {
            WriteRow(c + (4 * cRow), c40, c41, c42, alpha, accumulate);
        }

        if (rows > 5)
        {
            WriteRow(c + (5 * cRow), c50, c51, c52, alpha, accumulate);
        }

        if (rows > 6)
        {
            WriteRow(c + (6 * cRow), c60, c61, c62, alpha, accumulate);
        }

        if (rows > 7)
        {
            WriteRow(c + (7 * cRow), c70, c71, c72, alpha, accumulate);
        }
    }

    private static void Strided4x3<TElement>(
        nint rows, nint k, float* a, nint aRow, nint aColumn, TElement* b, nint bRow, float* c, nint cRow, TVector alpha, bool accumulate,
        TElement* fetch, nint fetchStep)
        where TElement : unmanaged
    {
        float* a1 = rows > 1 ? a + aRow : a;
        float* a2 = rows > 2 ? a1 + aRow : a;
        float* a3 = rows > 3 ? a2 + aRow : a;

        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c02 = TSimd.Zero;
        TVector c10 = TSimd.Zero, c11 = TSimd.Zero, c12 = TSimd.Zero;
        TVector c20 = TSimd.Zero, c21 = TSimd.Zero, c22 = TSimd.Zero;
        TVector c30 = TSimd.Zero, c31 = TSimd.Zero, c32 = TSimd.Zero;
        for (nint i = 0; i < k; i++)
        {
            TVector b0 = Load(b);
            TVector b1 = Load(b + TSimd.Width);
            TVector b2 = Load(b + (2 * TSimd.Width));
            if (fetch != null)
            {
                Prefetch(fetch);
                fetch += fetchStep;
            }

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

        WriteRow(c, c00, c01, c02, alpha, accumulate);
        if (rows > 1)
        {
            WriteRow(c + cRow, c10, c11, c12, alpha, accumulate);
        }

        if (rows > 2)
        {
            WriteRow(c + (2 * cRow), c20, c21, c22, alpha, accumulate);
        }

        if (rows > 3)
        {
            WriteRow(c + (3 * cRow), c30, c31, c32, alpha, accumulate);
        }
    }

    private static void Strided1x3<TElement>(
        nint k, float* a, nint aColumn, TElement* b, nint bRow, float* c, TVector alpha, bool accumulate, TElement* fetch, nint fetchStep)
        where TElement : unmanaged
    {
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c02 = TSimd.Zero;
        for (nint i = 0; i < k; i++)
        {
            TVector b0 = Load(b);
            TVector b1 = Load(b + TSimd.Width);
            TVector b2 = Load(b + (2 * TSimd.Width));
            if (fetch != null)
            {
                Prefetch(fetch);
                fetch += fetchStep;
            }

            TVector x = TSimd.Broadcast(a[i * aColumn]);
            c00 = TSimd.MultiplyAdd(x, b0, c00);
            c01 = TSimd.MultiplyAdd(x, b1, c01);
            c02 = TSimd.MultiplyAdd(x, b2, c02);
            b += bRow;
        }

        WriteRow(c, c00, c01, c02, alpha, accumulate);
    }

    private static void Strided8x2<TElement>(
        nint rows, nint k, float* a, nint aRow, nint aColumn, TElement* b, nint bRow, float* c, nint cRow, TVector alpha, bool accumulate)
        where TElement : unmanaged
    {
        float* a1 = rows > 1 ? a + aRow : a;
        float* a2 = rows > 2 ? a1 + aRow : a;
        float* a3 = rows > 3 ? a2 + aRow : a;
        float* a4 = rows > 4 ? a3 + aRow : a;
        float* a5 = rows > 5 ? a4 + aRow : a;
        float* a6 = rows > 6 ? a5 + aRow : a;
        float* a7 = rows > 7 ? a6 + aRow : a;

        TVector c00 = TSimd.Zero, c01 = TSimd.Zero;
        TVector c10 = TSimd.Zero, c11 = TSimd.Zero;
        TVector c20 = TSimd.Zero, c21 = TSimd.Zero;
        TVector c30 = TSimd.Zero, c31 = TSimd.Zero;
        TVector c40 = TSimd.Zero, c41 = TSimd.Zero;
        TVector c50 = TSimd.Zero, c51 = TSimd.Zero;
        TVector c60 = TSimd.Zero, c61 = TSimd.Zero;
        TVector c70 = TSimd.Zero, c71 = TSimd.Zero;
        PrefetchPair(c);
        PrefetchPair(c + cRow);
        PrefetchPair(c + (2 * cRow));
        PrefetchPair(c + (3 * cRow));
        PrefetchPair(c + (4 * cRow));
        PrefetchPair(c + (5 * cRow));
        PrefetchPair(c + (6 * cRow));
        PrefetchPair(c + (7 * cRow));
        for (nint i = 0; i < k; i++)
        {
            TVector b0 = Load(b);
            TVector b1 = Load(b + TSimd.Width);
            TVector x = TSimd.Broadcast(a[i * aColumn]);
            c00 = TSimd.MultiplyAdd(x, b0, c00);
            c01 = TSimd.MultiplyAdd(x, b1, c01);
            x = TSimd.Broadcast(a1[i * aColumn]);
            c10 = TSimd.MultiplyAdd(x, b0, c10);
            c11 = TSimd.MultiplyAdd(x, b1, c11);
            x = TSimd.Broadcast(a2[i * aColumn]);
            c20 = TSimd.MultiplyAdd(x, b0, c20);
            c21 = TSimd.MultiplyAdd(x, b1, c21);
            x = TSimd.Broadcast(a3[i * aColumn]);
            c30 = TSimd.MultiplyAdd(x, b0, c30);
            c31 = TSimd.MultiplyAdd(x, b1, c31);
            x = TSimd.Broadcast(a4[i * aColumn]);
            c40 = TSimd.MultiplyAdd(x, b0, c40);
            c41 = TSimd.MultiplyAdd(x, b1, c41);
            x = TSimd.Broadcast(a5[i * aColumn]);
            c50 = TSimd.MultiplyAdd(x, b0, c50);
            c51 = TSimd.MultiplyAdd(x, b1, c51);
            x = TSimd.Broadcast(a6[i * aColumn]);
            c60 = TSimd.MultiplyAdd(x, b0, c60);
            c61 = TSimd.MultiplyAdd(x, b1, c61);
            x = TSimd.Broadcast(a7[i * aColumn]);
            c70 = TSimd.MultiplyAdd(x, b0, c70);
            c71 = TSimd.MultiplyAdd(x, b1, c71);
            b += bRow;
        }

        WritePair(c, c00, c01, alpha, accumulate);
        if (rows > 1)
        {
            WritePair(c + cRow, c10, c11, alpha, accumulate);
        }

        if (rows > 2)
        {
            WritePair(c + (2 * cRow), c20, c21, alpha, accumulate);
        }

        if (rows > 3)
        {
            WritePair(c + (3 * cRow), c30, c31, alpha, accumulate);
        }

        if (rows > 4)
        {
            WritePair(c + (4 * cRow), c40, c41, alpha, accumulate);
        }

        if (rows > 5)
        {
            WritePair(c + (5 * cRow), c50, c51, alpha, accumulate);
        }

        if (rows > 6)
        {
            WritePair(c + (6 * cRow), c60, c61, alpha, accumulate);
        }

        if (rows > 7)
        {
            WritePair(c + (7 * cRow), c70, c71, alpha, accumulate);
        }
    }

    private static void Strided8x1<TElement>(
        nint rows, nint k, float* a, nint aRow, nint aColumn, TElement* b, nint bRow, float* c, nint cRow, TVector alpha, bool accumulate)
        where TElement : unmanaged
    {
        float* a1 = rows > 1 ? a + aRow : a;
        float* a2 = rows > 2 ? a1 + aRow : a;
        float* a3 = rows > 3 ? a2 + aRow : a;
        float* a4 = rows > 4 ? a3 + aRow : a;
        float* a5 = rows > 5 ? a4 + aRow : a;
        float* a6 = rows > 6 ? a5 + aRow : a;
        float* a7 = rows > 7 ? a6 + aRow : a;

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
            TVector b0 = Load(b);
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
        if (rows > 1)
        {
            Write(c + cRow, c10, alpha, accumulate);
        }

        if (rows > 2)
        {
            Write(c + (2 * cRow), c20, alpha, accumulate);
        }

        if (rows > 3)
        {
            Write(c + (3 * cRow), c30, alpha, accumulate);
        }

        if (rows > 4)
        {
            Write(c + (4 * cRow), c40, alpha, accumulate);
        }

        if (rows > 5)
        {
            Write(c + (5 * cRow), c50, alpha, accumulate);
        }

        if (rows > 6)
        {
            Write(c + (6 * cRow), c60, alpha, accumulate);
        }

        if (rows > 7)
        {
            Write(c + (7 * cRow), c70, alpha, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Load<TElement>(TElement* source)
        where TElement : unmanaged =>
        typeof(TElement) == typeof(ushort) ? TSimd.LoadBFloat16((ushort*)source) : TSimd.Load((float*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch<TElement>(TElement* row)
        where TElement : unmanaged
    {
        PrefetchPair(row);
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(row + (2 * TSimd.Width));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchPair<TElement>(TElement* row)
        where TElement : unmanaged
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(row);
            Sse.Prefetch0(row + TSimd.Width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteRow(float* destination, TVector product0, TVector product1, TVector product2, TVector alpha, bool accumulate)
    {
        Write(destination, product0, alpha, accumulate);
        Write(destination + TSimd.Width, product1, alpha, accumulate);
        Write(destination + (2 * TSimd.Width), product2, alpha, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WritePair(float* destination, TVector product0, TVector product1, TVector alpha, bool accumulate)
    {
        Write(destination, product0, alpha, accumulate);
        Write(destination + TSimd.Width, product1, alpha, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(float* destination, TVector product, TVector alpha, bool accumulate) =>
        TSimd.Store(
            destination,
            accumulate ? TSimd.MultiplyAdd(alpha, product, TSimd.Load(destination)) : TSimd.Multiply(alpha, product));
}
