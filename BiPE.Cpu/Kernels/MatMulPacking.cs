using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>
/// Copies parts of a factor into panels that the micro-kernel reads in order: for each inner index the elements of a panel's
/// lanes (rows of a, columns of b) side by side. Missing lanes are zero.
/// </summary>
internal static unsafe class MatMulPacking
{
    // Rows lie a page or more apart, where the processor does not fetch ahead by itself.
    private const int PrefetchedRows = 16;

    // Rows that run along the inner dimension are asked for so far ahead.
    private const int PrefetchedColumns = 64;

    /// <summary>
    /// Packs panels: destination[lane / width * panelStride + k * width + lane % width] = source[lane * laneStride + k * innerStride].
    /// </summary>
    /// <param name="destination">Panels of <c>[count, width]</c>.</param>
    /// <param name="panelStride">Elements from a panel to the next. If it is a multiple of 1024, all panels lie in the same few places of
    /// a first cache, and no more than eight should be packed at once.</param>
    /// <param name="source">First element.</param>
    /// <param name="lanes">Lanes that exist; the last panel's others become zero.</param>
    /// <param name="width">Lanes of a panel.</param>
    /// <param name="count">Inner indices.</param>
    /// <param name="laneStride">Elements from a lane to the next.</param>
    /// <param name="innerStride">Elements from an inner index to the next; it or the other stride is 1.</param>
    public static void Pack(
        float* destination, nint panelStride, float* source, nint lanes, nint width, nint count, nint laneStride, nint innerStride)
    {
        nint panels = lanes / width;
        nint whole = panels * width;
        if (laneStride == 1)
        {
            CopyLanes(destination, panelStride, source, whole, width, count, innerStride);
        }
        else
        {
            Debug.Assert(innerStride == 1, "One of the strides must be 1.");
            for (nint panel = 0; panel < panels; panel++)
            {
                Transpose(destination + (panel * panelStride), width, source + (panel * width * laneStride), laneStride, width, count);
            }
        }

        if (whole < lanes)
        {
            PackPart(destination + (panels * panelStride), source + (whole * laneStride), lanes - whole, width, count, laneStride, innerStride);
        }
    }

    /// <summary>A panel whose last lanes are missing.</summary>
    private static void PackPart(float* destination, float* source, nint lanes, nint width, nint count, nint laneStride, nint innerStride)
    {
        if (laneStride != 1)
        {
            Transpose(destination, width, source, laneStride, lanes, count);
        }

        for (nint k = 0; k < count; k++)
        {
            float* row = destination + (k * width);
            if (laneStride == 1)
            {
                new ReadOnlySpan<float>(source + (k * innerStride), (int)lanes).CopyTo(new Span<float>(row, (int)lanes));
            }

            new Span<float>(row + lanes, (int)(width - lanes)).Clear();
        }
    }

    /// <summary>Lanes that lie side by side; all panels at once, so that memory is read in longer runs.</summary>
    private static void CopyLanes(float* destination, nint panelStride, float* source, nint lanes, nint width, nint count, nint innerStride)
    {
        nint k = 0;
        if (width == 8)
        {
            for (; k + 2 <= count; k += 2)
            {
                CopyTwoRows(destination + (k * 8), panelStride, source + (k * innerStride), lanes, innerStride);
            }
        }

        for (; k < count; k++)
        {
            float* target = destination + (k * width);
            for (nint lane = 0; lane < lanes; lane += width)
            {
                CopyRow(target, source + (k * innerStride) + lane, width, PrefetchedRows * innerStride);
                target += panelStride;
            }
        }
    }

    /// <summary>Two inner indices of panels of eight lanes, so that whole cache lines are written.</summary>
    private static void CopyTwoRows(float* destination, nint panelStride, float* source, nint lanes, nint innerStride)
    {
        float* other = source + innerStride;
        float* later = source + (PrefetchedRows * innerStride);
        for (nint lane = 0; lane < lanes; lane += 8)
        {
            CacheLine.Fetch(later + lane);
            CacheLine.Fetch(later + innerStride + lane);
            Vector256.Load(source + lane).Store(destination);
            Vector256.Load(other + lane).Store(destination + 8);
            destination += panelStride;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyRow(float* destination, float* source, nint width, nint later)
    {
        nint i = 0;
        for (; i + 16 <= width; i += 16)
        {
            CacheLine.Fetch(source + later + i);
            Vector512.Load(source + i).Store(destination + i);
        }

        for (; i + 4 <= width; i += 4)
        {
            Vector128.Load(source + i).Store(destination + i);
        }

        for (; i < width; i++)
        {
            destination[i] = source[i];
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
        if (Avx512F.IsSupported)
        {
            for (; row + 16 <= rows; row += 16)
            {
                nint column = 0;
                for (; column + 16 <= columns; column += 16)
                {
                    FetchAhead(source + (row * sourceRow), sourceRow, column, columns);
                    Transpose16x16(destination + (column * destinationRow) + row, destinationRow, source + (row * sourceRow) + column, sourceRow);
                }

                for (; column < blockColumns; column += 4)
                {
                    Transpose16x4(destination + (column * destinationRow) + row, destinationRow, source + (row * sourceRow) + column, sourceRow);
                }
            }
        }

        if (Avx.IsSupported)
        {
            for (; row + 8 <= rows; row += 8)
            {
                for (nint column = 0; column < blockColumns; column += 4)
                {
                    Transpose8x4(destination + (column * destinationRow) + row, destinationRow, source + (row * sourceRow) + column, sourceRow);
                }
            }
        }

        for (; row + 4 <= rows; row += 4)
        {
            for (nint column = 0; column < blockColumns; column += 4)
            {
                Transpose4x4(destination + (column * destinationRow) + row, destinationRow, source + (row * sourceRow) + column, sourceRow);
            }
        }

        for (nint column = 0; column < columns; column++)
        {
            // What the blocks left: the last columns of their rows, and all of the other rows.
            for (nint r = column < blockColumns ? row : 0; r < rows; r++)
            {
                destination[(column * destinationRow) + r] = source[(r * sourceRow) + column];
            }
        }
    }

    /// <summary>Asks for lines of sixteen rows further on, or where the next sixteen rows begin: rows may lie a page apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FetchAhead(float* source, nint sourceRow, nint column, nint columns)
    {
        nint later = column + PrefetchedColumns;
        float* line = later < columns ? source + later : source + (16 * sourceRow) + later - columns;
        for (nint row = 0; row < 16; row++)
        {
            CacheLine.Fetch(line);
            line += sourceRow;
        }
    }

    /// <summary>Whole cache lines are read and written; within four rows at a time, then between the fours.</summary>
    private static void Transpose16x16(float* destination, nint destinationRow, float* source, nint sourceRow)
    {
        Fours rows0 = TransposeFours(source, sourceRow);
        Fours rows4 = TransposeFours(source + (4 * sourceRow), sourceRow);
        Fours rows8 = TransposeFours(source + (8 * sourceRow), sourceRow);
        Fours rows12 = TransposeFours(source + (12 * sourceRow), sourceRow);
        StoreEveryFourth(destination, destinationRow, rows0.Column0, rows4.Column0, rows8.Column0, rows12.Column0);
        StoreEveryFourth(destination + destinationRow, destinationRow, rows0.Column1, rows4.Column1, rows8.Column1, rows12.Column1);
        StoreEveryFourth(destination + (2 * destinationRow), destinationRow, rows0.Column2, rows4.Column2, rows8.Column2, rows12.Column2);
        StoreEveryFourth(destination + (3 * destinationRow), destinationRow, rows0.Column3, rows4.Column3, rows8.Column3, rows12.Column3);
    }

    /// <summary>Columns 0 to 3 of four rows in their first fours, 4 to 7 in their second, and so on.</summary>
    private readonly record struct Fours(Vector512<float> Column0, Vector512<float> Column1, Vector512<float> Column2, Vector512<float> Column3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Fours TransposeFours(float* source, nint sourceRow)
    {
        Vector512<float> row0 = Vector512.Load(source);
        Vector512<float> row1 = Vector512.Load(source + sourceRow);
        Vector512<float> row2 = Vector512.Load(source + (2 * sourceRow));
        Vector512<float> row3 = Vector512.Load(source + (3 * sourceRow));
        Vector512<double> low01 = Avx512F.UnpackLow(row0, row1).AsDouble();
        Vector512<double> low23 = Avx512F.UnpackLow(row2, row3).AsDouble();
        Vector512<double> high01 = Avx512F.UnpackHigh(row0, row1).AsDouble();
        Vector512<double> high23 = Avx512F.UnpackHigh(row2, row3).AsDouble();
        return new Fours(
            Avx512F.UnpackLow(low01, low23).AsSingle(), Avx512F.UnpackHigh(low01, low23).AsSingle(),
            Avx512F.UnpackLow(high01, high23).AsSingle(), Avx512F.UnpackHigh(high01, high23).AsSingle());
    }

    /// <summary>Four rows of the destination, four rows apart, from the fours of four times four rows of the source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreEveryFourth(
        float* destination, nint destinationRow, Vector512<float> rows0, Vector512<float> rows4, Vector512<float> rows8, Vector512<float> rows12)
    {
        Vector512<float> firstLow = Avx512F.Shuffle4x128(rows0, rows4, 0x44);
        Vector512<float> firstHigh = Avx512F.Shuffle4x128(rows0, rows4, 0xEE);
        Vector512<float> lastLow = Avx512F.Shuffle4x128(rows8, rows12, 0x44);
        Vector512<float> lastHigh = Avx512F.Shuffle4x128(rows8, rows12, 0xEE);
        Avx512F.Shuffle4x128(firstLow, lastLow, 0x88).Store(destination);
        Avx512F.Shuffle4x128(firstLow, lastLow, 0xDD).Store(destination + (4 * destinationRow));
        Avx512F.Shuffle4x128(firstHigh, lastHigh, 0x88).Store(destination + (8 * destinationRow));
        Avx512F.Shuffle4x128(firstHigh, lastHigh, 0xDD).Store(destination + (12 * destinationRow));
    }

    /// <summary>Four blocks of four by four side by side, so that whole cache lines are written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose16x4(float* destination, nint destinationRow, float* source, nint sourceRow)
    {
        Vector512<float> row0 = EveryFourthRow(source, sourceRow);
        Vector512<float> row1 = EveryFourthRow(source + sourceRow, sourceRow);
        Vector512<float> row2 = EveryFourthRow(source + (2 * sourceRow), sourceRow);
        Vector512<float> row3 = EveryFourthRow(source + (3 * sourceRow), sourceRow);
        Vector512<double> low01 = Avx512F.UnpackLow(row0, row1).AsDouble();
        Vector512<double> low23 = Avx512F.UnpackLow(row2, row3).AsDouble();
        Vector512<double> high01 = Avx512F.UnpackHigh(row0, row1).AsDouble();
        Vector512<double> high23 = Avx512F.UnpackHigh(row2, row3).AsDouble();
        Avx512F.UnpackLow(low01, low23).AsSingle().Store(destination);
        Avx512F.UnpackHigh(low01, low23).AsSingle().Store(destination + destinationRow);
        Avx512F.UnpackLow(high01, high23).AsSingle().Store(destination + (2 * destinationRow));
        Avx512F.UnpackHigh(high01, high23).AsSingle().Store(destination + (3 * destinationRow));
    }

    /// <summary>Two blocks of four by four side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose8x4(float* destination, nint destinationRow, float* source, nint sourceRow)
    {
        Vector256<float> row0 = Vector256.Create(Vector128.Load(source), Vector128.Load(source + (4 * sourceRow)));
        Vector256<float> row1 = Vector256.Create(Vector128.Load(source + sourceRow), Vector128.Load(source + (5 * sourceRow)));
        Vector256<float> row2 = Vector256.Create(Vector128.Load(source + (2 * sourceRow)), Vector128.Load(source + (6 * sourceRow)));
        Vector256<float> row3 = Vector256.Create(Vector128.Load(source + (3 * sourceRow)), Vector128.Load(source + (7 * sourceRow)));
        Vector256<double> low01 = Avx.UnpackLow(row0, row1).AsDouble();
        Vector256<double> low23 = Avx.UnpackLow(row2, row3).AsDouble();
        Vector256<double> high01 = Avx.UnpackHigh(row0, row1).AsDouble();
        Vector256<double> high23 = Avx.UnpackHigh(row2, row3).AsDouble();
        Avx.UnpackLow(low01, low23).AsSingle().Store(destination);
        Avx.UnpackHigh(low01, low23).AsSingle().Store(destination + destinationRow);
        Avx.UnpackLow(high01, high23).AsSingle().Store(destination + (2 * destinationRow));
        Avx.UnpackHigh(high01, high23).AsSingle().Store(destination + (3 * destinationRow));
    }

    /// <summary>Four elements of each of four rows that lie four rows apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> EveryFourthRow(float* source, nint sourceRow)
    {
        Vector256<float> lower = Vector256.Create(Vector128.Load(source), Vector128.Load(source + (4 * sourceRow)));
        Vector256<float> upper = Vector256.Create(Vector128.Load(source + (8 * sourceRow)), Vector128.Load(source + (12 * sourceRow)));
        return Vector512.Create(lower, upper);
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
