using ILGPU;

namespace BiPE.Cuda.Kernels;

/// <summary>Softmax of rows and running sums along rows; a warp takes a row.</summary>
internal static class SoftmaxKernels
{
    /// <summary>Softmax of each row; causal rows see columns 0 .. q + keys - queries, and the others become 0.</summary>
    [Kernel]
    public static void Forward<T, TFormat>(SoftmaxArguments<T> arguments)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        int columns = arguments.Columns;
        int step = Warp.WarpSize * Octet.Length;
        int lane = Warp.LaneIdx * Octet.Length;
        for (int row = Lanes.GlobalWarp; row < arguments.Rows; row += Lanes.WarpCount)
        {
            long start = (long)row * columns;
            int visible = arguments.Causal != 0 ? (row % arguments.Queries) + columns - arguments.Queries + 1 : columns;
            float largest = float.NegativeInfinity;
            for (int column = lane; column < visible; column += step)
            {
                Octet x = Octets.Load<T, TFormat>(arguments.Source, start + column, columns - column, arguments.Wide);
                largest = KernelMath.Larger(x.First(visible - column, float.NegativeInfinity).Largest(), largest);
            }

            largest = Lanes.Largest(largest);
            float sum = 0f;
            for (int column = lane; column < visible; column += step)
            {
                Octet x = Octets.Load<T, TFormat>(arguments.Source, start + column, columns - column, arguments.Wide);
                sum += Octet.Map<Exponential>(x - Octet.Of(largest)).First(visible - column, 0f).Sum();
            }

            float inverse = 1f / Lanes.Sum(sum);
            for (int column = lane; column < columns; column += step)
            {
                Octet x = Octets.Load<T, TFormat>(arguments.Source, start + column, columns - column, arguments.Wide);
                Octet weights = (Octet.Map<Exponential>(x - Octet.Of(largest)) * inverse).First(visible - column, 0f);
                Octets.Store<T, TFormat>(arguments.Destination, start + column, columns - column, arguments.Wide, weights);
            }
        }
    }

    /// <summary>destination (=|+=) (gradient - sum(gradient * output)) * output of each row.</summary>
    [Kernel]
    public static void Backward<T, TFormat>(SoftmaxBackwardArguments<T> arguments)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        int columns = arguments.Columns;
        int step = Warp.WarpSize * Octet.Length;
        int lane = Warp.LaneIdx * Octet.Length;
        for (int row = Lanes.GlobalWarp; row < arguments.Rows; row += Lanes.WarpCount)
        {
            long start = (long)row * columns;
            float sum = 0f;
            for (int column = lane; column < columns; column += step)
            {
                Octet gradient = Octets.Load<T, TFormat>(arguments.Gradient, start + column, columns - column, arguments.Wide);
                Octet output = Octets.Load<T, TFormat>(arguments.Output, start + column, columns - column, arguments.Wide);
                sum += (gradient * output).Sum();
            }

            Octet mean = Octet.Of(Lanes.Sum(sum));
            for (int column = lane; column < columns; column += step)
            {
                int count = columns - column;
                Octet gradient = Octets.Load<T, TFormat>(arguments.Gradient, start + column, count, arguments.Wide);
                Octet output = Octets.Load<T, TFormat>(arguments.Output, start + column, count, arguments.Wide);
                Octet result = (gradient - mean) * output;
                if (arguments.Adds != 0)
                {
                    result += Octets.Load<T, TFormat>(arguments.Destination, start + column, count, arguments.Wide);
                }

                Octets.Store<T, TFormat>(arguments.Destination, start + column, count, arguments.Wide, result);
            }
        }
    }

    /// <summary>Running sums of each row, from its start or its end: scans of as many elements as a warp has lanes, with a carry.</summary>
    [Kernel]
    public static void CumulativeSum<T, TFormat>(CumulativeSumArguments<T> arguments)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        int columns = arguments.Columns;
        for (int row = Lanes.GlobalWarp; row < arguments.Rows; row += Lanes.WarpCount)
        {
            long start = (long)row * columns;
            float carry = 0f;
            for (int done = 0; done < columns; done += Warp.WarpSize)
            {
                int place = done + Warp.LaneIdx;
                int column = arguments.FromEnd != 0 ? columns - 1 - place : place;
                float value = place < columns ? TFormat.Decode(arguments.Source[start + column]) : 0f;
                for (int distance = 1; distance < Warp.WarpSize; distance <<= 1)
                {
                    float before = Warp.ShuffleUp(value, distance);
                    value += Warp.LaneIdx >= distance ? before : 0f;
                }

                float sum = carry + value;
                if (place < columns)
                {
                    arguments.Destination[start + column] = TFormat.Encode(sum);
                }

                carry = Warp.Shuffle(sum, Warp.WarpSize - 1);
            }
        }
    }
}

/// <summary>Operands of <see cref="SoftmaxKernels.Forward"/>.</summary>
internal struct SoftmaxArguments<T>
    where T : unmanaged
{
    public ArrayView<T> Destination;
    public ArrayView<T> Source;
    public int Rows;
    public int Queries;
    public int Columns;
    public int Causal;
    public int Wide;
}

/// <summary>Operands of <see cref="SoftmaxKernels.Backward"/>.</summary>
internal struct SoftmaxBackwardArguments<T>
    where T : unmanaged
{
    public ArrayView<T> Destination;
    public ArrayView<T> Gradient;
    public ArrayView<T> Output;
    public int Rows;
    public int Columns;
    public int Adds;
    public int Wide;
}

/// <summary>Operands of <see cref="SoftmaxKernels.CumulativeSum"/>.</summary>
internal struct CumulativeSumArguments<T>
    where T : unmanaged
{
    public ArrayView<T> Destination;
    public ArrayView<T> Source;
    public int Rows;
    public int Columns;
    public int FromEnd;
}
