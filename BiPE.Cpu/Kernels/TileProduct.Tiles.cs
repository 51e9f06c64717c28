using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

internal static unsafe partial class TileProduct<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    /// <summary>Five to eight rows: the first four and the last four, which are partly the same.</summary>
    private static void Strided8x3<TElement>(
        nint rows, nint k, float* a, nint aRow, nint aColumn, TElement* b, nint bRow, float* c, nint cRow, TVector alpha, bool accumulate,
        TElement* fetch, nint fetchStep)
        where TElement : unmanaged
    {
        // Four rows are a base and multiples of one distance, so that all addresses of the loop fit the general registers.
        float* upper = a;
        float* lower = a + ((rows - 4) * aRow);
        float* lowerC = c + ((rows - 4) * cRow);
        nint aThreeRows = 3 * aRow;

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
            TVector b0 = Load(b);
            TVector b1 = Load(b + TSimd.Width);
            TVector b2 = Load(b + (2 * TSimd.Width));
            if (fetch != null)
            {
                Fetch(fetch, fetchStep);
                fetch += fetchStep;
            }

            TVector x = TSimd.Broadcast(*upper);
            c00 = TSimd.MultiplyAdd(x, b0, c00);
            c01 = TSimd.MultiplyAdd(x, b1, c01);
            c02 = TSimd.MultiplyAdd(x, b2, c02);
            x = TSimd.Broadcast(upper[aRow]);
            c10 = TSimd.MultiplyAdd(x, b0, c10);
            c11 = TSimd.MultiplyAdd(x, b1, c11);
            c12 = TSimd.MultiplyAdd(x, b2, c12);
            x = TSimd.Broadcast(upper[2 * aRow]);
            c20 = TSimd.MultiplyAdd(x, b0, c20);
            c21 = TSimd.MultiplyAdd(x, b1, c21);
            c22 = TSimd.MultiplyAdd(x, b2, c22);
            x = TSimd.Broadcast(upper[aThreeRows]);
            c30 = TSimd.MultiplyAdd(x, b0, c30);
            c31 = TSimd.MultiplyAdd(x, b1, c31);
            c32 = TSimd.MultiplyAdd(x, b2, c32);
            x = TSimd.Broadcast(*lower);
            c40 = TSimd.MultiplyAdd(x, b0, c40);
            c41 = TSimd.MultiplyAdd(x, b1, c41);
            c42 = TSimd.MultiplyAdd(x, b2, c42);
            x = TSimd.Broadcast(lower[aRow]);
            c50 = TSimd.MultiplyAdd(x, b0, c50);
            c51 = TSimd.MultiplyAdd(x, b1, c51);
            c52 = TSimd.MultiplyAdd(x, b2, c52);
            x = TSimd.Broadcast(lower[2 * aRow]);
            c60 = TSimd.MultiplyAdd(x, b0, c60);
            c61 = TSimd.MultiplyAdd(x, b1, c61);
            c62 = TSimd.MultiplyAdd(x, b2, c62);
            x = TSimd.Broadcast(lower[aThreeRows]);
            c70 = TSimd.MultiplyAdd(x, b0, c70);
            c71 = TSimd.MultiplyAdd(x, b1, c71);
            c72 = TSimd.MultiplyAdd(x, b2, c72);
            upper += aColumn;
            lower += aColumn;
            b += bRow;
        }

        WriteRow(c, c00, c01, c02, alpha, accumulate);
        WriteRow(c + cRow, c10, c11, c12, alpha, accumulate);
        WriteRow(c + (2 * cRow), c20, c21, c22, alpha, accumulate);
        WriteRow(c + (3 * cRow), c30, c31, c32, alpha, accumulate);
        if (rows > 7)
        {
            WriteRow(lowerC, c40, c41, c42, alpha, accumulate);
        }

        if (rows > 6)
        {
            WriteRow(lowerC + cRow, c50, c51, c52, alpha, accumulate);
        }

        if (rows > 5)
        {
            WriteRow(lowerC + (2 * cRow), c60, c61, c62, alpha, accumulate);
        }

        WriteRow(lowerC + (3 * cRow), c70, c71, c72, alpha, accumulate);
    }

    /// <summary>Two to four rows: the first two and the last two.</summary>
    private static void Strided4x3<TElement>(
        nint rows, nint k, float* a, nint aRow, nint aColumn, TElement* b, nint bRow, float* c, nint cRow, TVector alpha, bool accumulate,
        TElement* fetch, nint fetchStep)
        where TElement : unmanaged
    {
        float* upper = a;
        float* lower = a + ((rows - 2) * aRow);
        float* lowerC = c + ((rows - 2) * cRow);

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
                Fetch(fetch, fetchStep);
                fetch += fetchStep;
            }

            TVector x = TSimd.Broadcast(*upper);
            c00 = TSimd.MultiplyAdd(x, b0, c00);
            c01 = TSimd.MultiplyAdd(x, b1, c01);
            c02 = TSimd.MultiplyAdd(x, b2, c02);
            x = TSimd.Broadcast(upper[aRow]);
            c10 = TSimd.MultiplyAdd(x, b0, c10);
            c11 = TSimd.MultiplyAdd(x, b1, c11);
            c12 = TSimd.MultiplyAdd(x, b2, c12);
            x = TSimd.Broadcast(*lower);
            c20 = TSimd.MultiplyAdd(x, b0, c20);
            c21 = TSimd.MultiplyAdd(x, b1, c21);
            c22 = TSimd.MultiplyAdd(x, b2, c22);
            x = TSimd.Broadcast(lower[aRow]);
            c30 = TSimd.MultiplyAdd(x, b0, c30);
            c31 = TSimd.MultiplyAdd(x, b1, c31);
            c32 = TSimd.MultiplyAdd(x, b2, c32);
            upper += aColumn;
            lower += aColumn;
            b += bRow;
        }

        WriteRow(c, c00, c01, c02, alpha, accumulate);
        WriteRow(c + cRow, c10, c11, c12, alpha, accumulate);
        if (rows > 3)
        {
            WriteRow(lowerC, c20, c21, c22, alpha, accumulate);
        }

        if (rows > 2)
        {
            WriteRow(lowerC + cRow, c30, c31, c32, alpha, accumulate);
        }
    }

    private static void Strided1x3<TElement>(
        nint k, float* a, nint aColumn, TElement* b, nint bRow, float* c, TVector alpha, bool accumulate, TElement* fetch, nint fetchStep)
        where TElement : unmanaged
    {
        TVector c00 = TSimd.Zero, c01 = TSimd.Zero, c02 = TSimd.Zero;
        nint at = 0;
        for (nint i = 0; i < k; i++)
        {
            TVector b0 = Load(b);
            TVector b1 = Load(b + TSimd.Width);
            TVector b2 = Load(b + (2 * TSimd.Width));
            if (fetch != null)
            {
                Fetch(fetch, fetchStep);
                fetch += fetchStep;
            }

            TVector x = TSimd.Broadcast(a[at]);
            c00 = TSimd.MultiplyAdd(x, b0, c00);
            c01 = TSimd.MultiplyAdd(x, b1, c01);
            c02 = TSimd.MultiplyAdd(x, b2, c02);
            at += aColumn;
            b += bRow;
        }

        WriteRow(c, c00, c01, c02, alpha, accumulate);
    }

    /// <summary>Five to eight rows, as those of three vectors.</summary>
    private static void Strided8x2<TElement>(
        nint rows, nint k, float* a, nint aRow, nint aColumn, TElement* b, nint bRow, float* c, nint cRow, TVector alpha, bool accumulate)
        where TElement : unmanaged
    {
        float* upper = a;
        float* lower = a + ((rows - 4) * aRow);
        float* lowerC = c + ((rows - 4) * cRow);
        nint aThreeRows = 3 * aRow;

        TVector c00 = TSimd.Zero, c01 = TSimd.Zero;
        TVector c10 = TSimd.Zero, c11 = TSimd.Zero;
        TVector c20 = TSimd.Zero, c21 = TSimd.Zero;
        TVector c30 = TSimd.Zero, c31 = TSimd.Zero;
        TVector c40 = TSimd.Zero, c41 = TSimd.Zero;
        TVector c50 = TSimd.Zero, c51 = TSimd.Zero;
        TVector c60 = TSimd.Zero, c61 = TSimd.Zero;
        TVector c70 = TSimd.Zero, c71 = TSimd.Zero;
        for (nint i = 0; i < k; i++)
        {
            TVector b0 = Load(b);
            TVector b1 = Load(b + TSimd.Width);
            TVector x = TSimd.Broadcast(*upper);
            c00 = TSimd.MultiplyAdd(x, b0, c00);
            c01 = TSimd.MultiplyAdd(x, b1, c01);
            x = TSimd.Broadcast(upper[aRow]);
            c10 = TSimd.MultiplyAdd(x, b0, c10);
            c11 = TSimd.MultiplyAdd(x, b1, c11);
            x = TSimd.Broadcast(upper[2 * aRow]);
            c20 = TSimd.MultiplyAdd(x, b0, c20);
            c21 = TSimd.MultiplyAdd(x, b1, c21);
            x = TSimd.Broadcast(upper[aThreeRows]);
            c30 = TSimd.MultiplyAdd(x, b0, c30);
            c31 = TSimd.MultiplyAdd(x, b1, c31);
            x = TSimd.Broadcast(*lower);
            c40 = TSimd.MultiplyAdd(x, b0, c40);
            c41 = TSimd.MultiplyAdd(x, b1, c41);
            x = TSimd.Broadcast(lower[aRow]);
            c50 = TSimd.MultiplyAdd(x, b0, c50);
            c51 = TSimd.MultiplyAdd(x, b1, c51);
            x = TSimd.Broadcast(lower[2 * aRow]);
            c60 = TSimd.MultiplyAdd(x, b0, c60);
            c61 = TSimd.MultiplyAdd(x, b1, c61);
            x = TSimd.Broadcast(lower[aThreeRows]);
            c70 = TSimd.MultiplyAdd(x, b0, c70);
            c71 = TSimd.MultiplyAdd(x, b1, c71);
            upper += aColumn;
            lower += aColumn;
            b += bRow;
        }

        WritePair(c, c00, c01, alpha, accumulate);
        WritePair(c + cRow, c10, c11, alpha, accumulate);
        WritePair(c + (2 * cRow), c20, c21, alpha, accumulate);
        WritePair(c + (3 * cRow), c30, c31, alpha, accumulate);
        if (rows > 7)
        {
            WritePair(lowerC, c40, c41, alpha, accumulate);
        }

        if (rows > 6)
        {
            WritePair(lowerC + cRow, c50, c51, alpha, accumulate);
        }

        if (rows > 5)
        {
            WritePair(lowerC + (2 * cRow), c60, c61, alpha, accumulate);
        }

        WritePair(lowerC + (3 * cRow), c70, c71, alpha, accumulate);
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
        nint at = 0;
        for (nint i = 0; i < k; i++)
        {
            TVector b0 = Load(b);
            TVector x = TSimd.Broadcast(a[at]);
            c00 = TSimd.MultiplyAdd(x, b0, c00);
            x = TSimd.Broadcast(a1[at]);
            c10 = TSimd.MultiplyAdd(x, b0, c10);
            x = TSimd.Broadcast(a2[at]);
            c20 = TSimd.MultiplyAdd(x, b0, c20);
            x = TSimd.Broadcast(a3[at]);
            c30 = TSimd.MultiplyAdd(x, b0, c30);
            x = TSimd.Broadcast(a4[at]);
            c40 = TSimd.MultiplyAdd(x, b0, c40);
            x = TSimd.Broadcast(a5[at]);
            c50 = TSimd.MultiplyAdd(x, b0, c50);
            x = TSimd.Broadcast(a6[at]);
            c60 = TSimd.MultiplyAdd(x, b0, c60);
            x = TSimd.Broadcast(a7[at]);
            c70 = TSimd.MultiplyAdd(x, b0, c70);
            at += aColumn;
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

    /// <summary>Asks for the lines of some elements, and for none twice: each request takes the place of a load.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch<TElement>(TElement* start, nint count)
        where TElement : unmanaged
    {
        if (Sse.IsSupported)
        {
            nint line = CacheLine.Bytes / sizeof(TElement);
            Sse.Prefetch0(start);
            if (count > line)
            {
                Sse.Prefetch0(start + line);
            }

            if (count > 2 * line)
            {
                Sse.Prefetch0(start + (2 * line));
            }
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
