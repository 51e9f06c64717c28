using ILGPU;

namespace BiPE.Cuda.Kernels;

/// <summary>Root mean square norm and its gradients; a warp takes a row, which it reads a second time from the cache.</summary>
internal static class RmsNormKernels
{
    /// <summary>destination = source * inverse * weight with inverse = 1 / sqrt(mean(source^2) + epsilon) of each row.</summary>
    [Kernel]
    public static void Forward<T, TFormat>(RmsNormArguments<T> arguments)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        int columns = arguments.Columns;
        int step = Warp.WarpSize * Octet.Length;
        for (int row = Lanes.GlobalWarp; row < arguments.Rows; row += Lanes.WarpCount)
        {
            long start = (long)row * columns;
            float sum = 0f;
            for (int column = Warp.LaneIdx * Octet.Length; column < columns; column += step)
            {
                Octet x = Octets.Load<T, TFormat>(arguments.Source, start + column, columns - column, arguments.Wide);
                sum += (x * x).Sum();
            }

            float inverse = 1f / MathF.Sqrt((Lanes.Sum(sum) / columns) + arguments.Epsilon);
            if (Warp.LaneIdx == 0)
            {
                arguments.InverseRms[row] = inverse;
            }

            for (int column = Warp.LaneIdx * Octet.Length; column < columns; column += step)
            {
                int count = columns - column;
                Octet x = Octets.Load<T, TFormat>(arguments.Source, start + column, count, arguments.Wide);
                Octet weight = Octets.Load<T, TFormat>(arguments.Weight, column, count, arguments.Wide);
                Octets.Store<T, TFormat>(arguments.Destination, start + column, count, arguments.Wide, (x * inverse) * weight);
            }
        }
    }

    /// <summary>destination (=|+=) inverse * (weight * gradient - source * inverse^2 * mean(weight * gradient * source)).</summary>
    [Kernel]
    public static void Backward<T, TFormat>(RmsNormBackwardArguments<T> arguments)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        int columns = arguments.Columns;
        int step = Warp.WarpSize * Octet.Length;
        for (int row = Lanes.GlobalWarp; row < arguments.Rows; row += Lanes.WarpCount)
        {
            long start = (long)row * columns;
            float sum = 0f;
            for (int column = Warp.LaneIdx * Octet.Length; column < columns; column += step)
            {
                int count = columns - column;
                Octet x = Octets.Load<T, TFormat>(arguments.Source, start + column, count, arguments.Wide);
                Octet gradient = Octets.Load<T, TFormat>(arguments.Gradient, start + column, count, arguments.Wide);
                Octet weight = Octets.Load<T, TFormat>(arguments.Weight, column, count, arguments.Wide);
                sum += ((weight * gradient) * x).Sum();
            }

            float inverse = arguments.InverseRms[row];
            float mean = ((Lanes.Sum(sum) / columns) * inverse) * inverse;
            for (int column = Warp.LaneIdx * Octet.Length; column < columns; column += step)
            {
                int count = columns - column;
                Octet x = Octets.Load<T, TFormat>(arguments.Source, start + column, count, arguments.Wide);
                Octet gradient = Octets.Load<T, TFormat>(arguments.Gradient, start + column, count, arguments.Wide);
                Octet weight = Octets.Load<T, TFormat>(arguments.Weight, column, count, arguments.Wide);
                Octet result = ((weight * gradient) - (x * mean)) * inverse;
                if (arguments.Adds != 0)
                {
                    result += Octets.Load<T, TFormat>(arguments.Destination, start + column, count, arguments.Wide);
                }

                Octets.Store<T, TFormat>(arguments.Destination, start + column, count, arguments.Wide, result);
            }
        }
    }
}

/// <summary>Operands of <see cref="RmsNormKernels.Forward"/>.</summary>
internal struct RmsNormArguments<T>
    where T : unmanaged
{
    public ArrayView<T> Destination;
    public ArrayView<float> InverseRms;
    public ArrayView<T> Source;
    public ArrayView<T> Weight;
    public int Rows;
    public int Columns;
    public float Epsilon;
    public int Wide;
}

/// <summary>Operands of <see cref="RmsNormKernels.Backward"/>.</summary>
internal struct RmsNormBackwardArguments<T>
    where T : unmanaged
{
    public ArrayView<T> Destination;
    public ArrayView<T> Gradient;
    public ArrayView<T> Source;
    public ArrayView<float> InverseRms;
    public ArrayView<T> Weight;
    public int Rows;
    public int Columns;
    public int Adds;
    public int Wide;
}
