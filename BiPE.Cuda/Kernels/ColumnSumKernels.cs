using ILGPU;

namespace BiPE.Cuda.Kernels;

/// <summary>
/// Sums over rows in two steps: threads sum an octet of columns over some rows each, neighbours neighbouring octets; then the
/// parts are summed in order. How rows are split depends on their number alone, so the bits do too.
/// </summary>
internal static class ColumnSumKernels
{
    /// <summary>parts[p, c] = sum over the p-th rows of gradient[n, c], times source[n, c] * inverse[n] if weighted.</summary>
    [Kernel]
    public static void Parts<T, TFormat>(ColumnPartsArguments<T> arguments)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        int columns = arguments.Columns;
        int octets = (columns + Octet.Length - 1) / Octet.Length;
        long all = (long)arguments.PartCount * octets;
        for (long at = Lanes.GlobalThread; at < all; at += Lanes.ThreadCount)
        {
            int part = (int)(at / octets);
            int column = (int)(at - ((long)part * octets)) * Octet.Length;
            int count = columns - column;
            int end = IntrinsicMath.Min((part + 1) * arguments.RowsPerPart, arguments.Rows);
            var sum = default(Octet);
            for (int row = part * arguments.RowsPerPart; row < end; row++)
            {
                long from = ((long)row * columns) + column;
                Octet term = Octets.Load<T, TFormat>(arguments.Gradient, from, count, arguments.Wide);
                if (arguments.Weighted != 0)
                {
                    term = (term * Octets.Load<T, TFormat>(arguments.Source, from, count, arguments.Wide)) * arguments.InverseRms[row];
                }

                sum += term;
            }

            Octets.Store<float, Float32Format>(arguments.Parts, ((long)part * columns) + column, count, arguments.WideParts, sum);
        }
    }

    /// <summary>destination[c] (=|+=) sum of parts[p, c].</summary>
    [Kernel]
    public static void Total<T, TFormat>(ColumnTotalArguments<T> arguments)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        for (int column = Lanes.GlobalThread; column < arguments.Columns; column += Lanes.ThreadCount)
        {
            float sum = 0f;
            for (int part = 0; part < arguments.PartCount; part++)
            {
                sum += arguments.Parts[((long)part * arguments.Columns) + column];
            }

            float old = arguments.Adds != 0 ? TFormat.Decode(arguments.Destination[column]) : 0f;
            arguments.Destination[column] = TFormat.Encode(old + sum);
        }
    }
}

/// <summary>Operands of <see cref="ColumnSumKernels.Parts"/>.</summary>
internal struct ColumnPartsArguments<T>
    where T : unmanaged
{
    public ArrayView<float> Parts;
    public ArrayView<T> Gradient;
    public ArrayView<T> Source;
    public ArrayView<float> InverseRms;
    public int Rows;
    public int Columns;
    public int RowsPerPart;
    public int PartCount;
    public int Weighted;
    public int Wide;
    public int WideParts;
}

/// <summary>Operands of <see cref="ColumnSumKernels.Total"/>.</summary>
internal struct ColumnTotalArguments<T>
    where T : unmanaged
{
    public ArrayView<T> Destination;
    public ArrayView<float> Parts;
    public int Columns;
    public int PartCount;
    public int Adds;
}
