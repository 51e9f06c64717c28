using ILGPU;

namespace BiPE.Cuda.Kernels;

/// <summary>
/// Cross entropy of rows of logits. A row is as long as the vocabulary, so a whole group takes it; it is read from memory once
/// and then, 64 KiB of bfloat16 at 32000 pieces, from the cache.
/// </summary>
internal static class CrossEntropyKernels
{
    /// <summary>losses[n] = logsumexp(logits[n, :]) - logits[n, label]; on demand the logits become (softmax - onehot) * scale.</summary>
    [Kernel]
    public static void Rows<T, TFormat>(CrossEntropyArguments<T> arguments)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(Lanes.MostWarps);
        int columns = arguments.Columns;
        int step = Group.DimX * Octet.Length;
        int first = Group.IdxX * Octet.Length;
        for (int row = Grid.IdxX; row < arguments.Rows; row += Grid.DimX)
        {
            long start = (long)row * columns;
            int label = arguments.Labels[row];
            bool ignored = label == arguments.IgnoredLabel;
            bool inside = (uint)label < (uint)columns;
            float target = inside ? TFormat.Decode(arguments.Logits[start + label]) : float.NaN;
            float largest = float.NegativeInfinity;
            for (int column = first; column < columns; column += step)
            {
                int count = columns - column;
                Octet x = Octets.Load<T, TFormat>(arguments.Logits, start + column, count, arguments.Wide);
                largest = KernelMath.Larger(x.First(count, float.NegativeInfinity).Largest(), largest);
            }

            largest = Lanes.GroupLargest(largest, shared);
            float sum = 0f;
            for (int column = first; column < columns; column += step)
            {
                int count = columns - column;
                Octet x = Octets.Load<T, TFormat>(arguments.Logits, start + column, count, arguments.Wide);
                sum += Octet.Map<Exponential>(x - Octet.Of(largest)).First(count, 0f).Sum();
            }

            sum = Lanes.GroupSum(sum, shared);
            if (Group.IdxX == 0)
            {
                arguments.Losses[row] = ignored ? 0f : (largest - target) + KernelMath.Log(sum);
            }

            if (arguments.WritesGradient == 0)
            {
                continue;
            }

            float factor = arguments.Scale / sum;
            for (int column = first; column < columns; column += step)
            {
                int count = columns - column;
                Octet x = Octets.Load<T, TFormat>(arguments.Logits, start + column, count, arguments.Wide);
                Octet gradient = Octet.Map<Exponential>(x - Octet.Of(largest)) * factor;
                gradient = ignored ? default : gradient;
                Octets.Store<T, TFormat>(arguments.Logits, start + column, count, arguments.Wide, gradient);
            }

            // The label's own element is written again by the thread that wrote its octet.
            bool owns = inside && (label / Octet.Length) % Group.DimX == Group.IdxX;
            if (owns && !ignored)
            {
                float probability = KernelMath.Exp(target - largest) / sum;
                arguments.Logits[start + label] = TFormat.Encode((probability - 1f) * arguments.Scale);
            }
        }
    }
}

/// <summary>Operands of <see cref="CrossEntropyKernels.Rows"/>.</summary>
internal struct CrossEntropyArguments<T>
    where T : unmanaged
{
    public ArrayView<float> Losses;
    public ArrayView<T> Logits;
    public ArrayView<int> Labels;
    public int Rows;
    public int Columns;
    public int IgnoredLabel;
    public int WritesGradient;
    public float Scale;
    public int Wide;
}
