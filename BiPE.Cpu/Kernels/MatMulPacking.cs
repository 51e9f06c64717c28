using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace BiPE.Cpu.Kernels;

/// <summary>
/// Copies parts of a factor into panels that the micro-kernel reads in order: for each inner index the elements of a panel's
/// lanes (rows of a, columns of b) side by side. Missing lanes are zero.
/// </summary>
internal static unsafe class MatMulPacking
{
    /// <summary>Packs one panel: destination[k * width + lane] = source[lane * laneStride + k * innerStride].</summary>
    /// <param name="destination"><c>[count, width]</c>.</param>
    /// <param name="source">First element.</param>
    /// <param name="lanes">Lanes that exist.</param>
    /// <param name="width">Lanes of the panel.</param>
    /// <param name="count">Inner indices.</param>
    /// <param name="laneStride">Elements from a lane to the next.</param>
    /// <param name="innerStride">Elements from an inner index to the next; it or the other stride is 1.</param>
    public static void Pack(float* destination, float* source, nint lanes, nint width, nint count, nint laneStride, nint innerStride)
    {
        if (laneStride == 1)
        {
            CopyRows(destination, source, lanes, width, count, innerStride);
            ClearMissing(destination, lanes, width, count);
        }
        else if (innerStride == 1)
        {
            Transpose(destination, width, source, laneStride, lanes, count);
            ClearMissing(destination, lanes, width, count);
        }
        else
        {
            throw new ArgumentException("One of the strides must be 1.", nameof(innerStride));
        }
    }

    /// <summary>Transposes: destination[column * destinationRow + row] = source[row * sourceRow + column].</summary>
    /// <param name="destination">First element.</param>
    /// <param name="destinationRow">Elements from a row of the destination to the next.</param>
    /// <param name="source">First element.</param>
    /// <param name="sourceRow">Elements from a row of the source to the next.</param>
    /// <param name="rows">Rows of the source.</param>
    /// <param name="columns">Columns of the source.</param>
    public static void Transpose(float* destination, nint destinationRow, float* source, nint sourceRow, nint rows, nint columns)
    {
        nint row = 0;
        nint blockColumns = columns & ~3;
        for (; row + 4 <= rows; row += 4)
        {
            float* from = source + (row * sourceRow);
            float* to = destination + row;
            for (nint column = 0; column < blockColumns; column += 4)
            {
                Transpose4x4(to + (column * destinationRow), destinationRow, from + column, sourceRow);
            }
        }

        for (nint column = 0; column < columns; column++)
        {
            // What the four-by-four blocks left: the last columns of their rows, and all of the other rows.
            for (nint r = column < blockColumns ? row : 0; r < rows; r++)
            {
                destination[(column * destinationRow) + r] = source[(r * sourceRow) + column];
            }
        }
    }

    private static void CopyRows(float* destination, float* source, nint lanes, nint width, nint count, nint innerStride)
    {
        for (nint k = 0; k < count; k++)
        {
            Unsafe.CopyBlockUnaligned(destination, source, (uint)lanes * sizeof(float));
            destination += width;
            source += innerStride;
        }
    }

    private static void ClearMissing(float* destination, nint lanes, nint width, nint count)
    {
        for (nint k = 0; lanes < width && k < count; k++)
        {
            Unsafe.InitBlockUnaligned(destination + (k * width) + lanes, 0, (uint)(width - lanes) * sizeof(float));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose4x4(float* destination, nint destinationRow, float* source, nint sourceRow)
    {
        Vector128<float> row0 = Vector128.Load(source);
        Vector128<float> row1 = Vector128.Load(source + sourceRow);
        Vector128<float> row2 = Vector128.Load(source + (2 * sourceRow));
        Vector128<float> row3 = Vector128.Load(source + (3 * sourceRow));
        Vector128<float> low01 = UnpackLow(row0, row1);
        Vector128<float> low23 = UnpackLow(row2, row3);
        Vector128<float> high01 = UnpackHigh(row0, row1);
        Vector128<float> high23 = UnpackHigh(row2, row3);
        Vector128.Create(low01.GetLower(), low23.GetLower()).Store(destination);
        Vector128.Create(low01.GetUpper(), low23.GetUpper()).Store(destination + destinationRow);
        Vector128.Create(high01.GetLower(), high23.GetLower()).Store(destination + (2 * destinationRow));
        Vector128.Create(high01.GetUpper(), high23.GetUpper()).Store(destination + (3 * destinationRow));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> UnpackLow(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackLow(a, b) : Vector128.Create(a[0], b[0], a[1], b[1]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> UnpackHigh(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackHigh(a, b) : Vector128.Create(a[2], b[2], a[3], b[3]);
}
