using ILGPU;

namespace BiPE.Cuda.Kernels;

/// <summary>Rows of tables read between their columns, and the gradient.</summary>
internal static class InterpolationKernels
{
    /// <summary>destination[n, k] = table[n, positions[n, k]], linear between columns and constant outside. A thread takes an element.</summary>
    [Kernel]
    public static void Forward<T, TFormat>(InterpolationArguments<T> arguments)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        long all = (long)arguments.Rows * arguments.Count;
        for (long at = Lanes.GlobalThread; at < all; at += Lanes.ThreadCount)
        {
            long start = at / arguments.Count * arguments.Columns;
            float inside = Inside(TFormat.Decode(arguments.Positions[at]), arguments.Columns);
            int column = Column(inside, arguments.Columns);
            float before = TFormat.Decode(arguments.Table[start + column]);
            float after = TFormat.Decode(arguments.Table[start + Next(column, arguments.Columns)]);
            float share = inside - column;

            // On a column, the next one may be infinite.
            arguments.Destination[at] = TFormat.Encode(share > 0f ? before + (share * (after - before)) : before);
        }
    }

    /// <summary>
    /// Gradients of a row's table and positions; a warp takes a row. For the table, every lane walks through all positions and adds up
    /// what falls to its own column, in their order: no atomic additions, so the same bits every time.
    /// </summary>
    [Kernel]
    public static void Backward<T, TFormat>(InterpolationBackwardArguments<T> arguments)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        int columns = arguments.Columns;
        int count = arguments.Count;
        for (int row = Lanes.GlobalWarp; row < arguments.Rows; row += Lanes.WarpCount)
        {
            long start = (long)row * count;
            long tableStart = (long)row * columns;
            for (int column = Warp.LaneIdx; column < columns; column += Warp.WarpSize)
            {
                float sum = 0f;
                for (int k = 0; k < count; k++)
                {
                    float way = Inside(TFormat.Decode(arguments.Positions[start + k]), columns) - column;
                    float weight = 1f - (way < 0f ? -way : way);
                    sum += weight > 0f ? weight * TFormat.Decode(arguments.Gradient[start + k]) : 0f;
                }

                arguments.TableGradient[tableStart + column] = TFormat.Encode(sum);
            }

            for (int k = Warp.LaneIdx; k < count; k += Warp.WarpSize)
            {
                float position = TFormat.Decode(arguments.Positions[start + k]);
                int column = Column(Inside(position, columns), columns);
                float slope = TFormat.Decode(arguments.Table[tableStart + Next(column, columns)]) - TFormat.Decode(arguments.Table[tableStart + column]);
                bool isInside = position >= 0f && position < columns - 1;
                arguments.PositionGradient[start + k] = TFormat.Encode(isInside ? slope * TFormat.Decode(arguments.Gradient[start + k]) : 0f);
            }
        }
    }

    private static float Inside(float position, int columns)
    {
        float last = columns - 1;
        float low = position > 0f ? position : 0f;
        return low < last ? low : last;
    }

    private static int Column(float inside, int columns)
    {
        int column = (int)inside;
        return column < columns - 1 ? column : columns - 1;
    }

    private static int Next(int column, int columns) => column + 1 < columns ? column + 1 : column;
}

/// <summary>Operands of <see cref="InterpolationKernels.Forward"/>.</summary>
internal struct InterpolationArguments<T>
    where T : unmanaged
{
    public ArrayView<T> Destination;
    public ArrayView<T> Table;
    public ArrayView<T> Positions;
    public int Rows;
    public int Columns;
    public int Count;
}

/// <summary>Operands of <see cref="InterpolationKernels.Backward"/>.</summary>
internal struct InterpolationBackwardArguments<T>
    where T : unmanaged
{
    public ArrayView<T> TableGradient;
    public ArrayView<T> PositionGradient;
    public ArrayView<T> Gradient;
    public ArrayView<T> Table;
    public ArrayView<T> Positions;
    public int Rows;
    public int Columns;
    public int Count;
}
