using ILGPU;

namespace BiPE.Cuda.Kernels;

/// <summary>
/// What happens to a block of attention scores between the matrix products. A warp takes a query's row; the softmax is an online
/// one (Milakov and Gimelshein 2018, arXiv 1805.02867): each lane keeps a maximum and a sum that it rescales, so scores are read
/// twice and never written back.
/// </summary>
internal static class AttentionKernels
{
    /// <summary>weights = softmax(scores + bias) under the mask, zeros where a query does not see a key; and log-sum-exps.</summary>
    [Kernel]
    public static void Softmax<T, TFormat>(AttentionSoftmaxArguments<T> arguments)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        AttentionView view = arguments.View;
        int rows = view.Heads * view.Queries;
        int step = Warp.WarpSize * Octet.Length;
        int lane = Warp.LaneIdx * Octet.Length;
        for (int row = Lanes.GlobalWarp; row < rows; row += Lanes.WarpCount)
        {
            int head = row / view.Queries;
            int query = row - (head * view.Queries);
            int end = view.EndKey(query);
            int first = view.FirstKey(query);
            int position = view.BiasKind == AttentionView.NoBias ? 0 : view.Positions[end - 1];
            long start = (long)row * view.Stride;
            float largest = float.NegativeInfinity;
            float sum = 0f;
            for (int key = lane; key < end; key += step)
            {
                Octet scores = Float32Format.LoadWide(arguments.Scores, start + key);
                scores = view.Biased(scores, head, query, key, position, first, end);
                float before = largest;
                largest = KernelMath.Larger(scores.Largest(), largest);

                // As long as nothing is above minus infinity, there is nothing to be relative to.
                float shift = largest == float.NegativeInfinity ? 0f : largest;
                sum = (sum * KernelMath.Exp(before - shift)) + Octet.Map<Exponential>(scores - Octet.Of(shift)).Sum();
            }

            float whole = Lanes.Largest(largest);
            sum = Lanes.Sum(sum * KernelMath.Exp(largest - (whole == float.NegativeInfinity ? 0f : whole)));
            if (Warp.LaneIdx == 0)
            {
                arguments.LogSumExp[((long)head * arguments.AllQueries) + view.FirstQuery + query] = whole + KernelMath.Log(sum);
            }

            float inverse = 1f / sum;
            for (int key = lane; key < view.Stride; key += step)
            {
                Octet weights = default;
                if (key < end)
                {
                    Octet scores = Float32Format.LoadWide(arguments.Scores, start + key);
                    scores = view.Biased(scores, head, query, key, position, first, end);
                    weights = Octet.Map<Exponential>(scores - Octet.Of(whole)) * inverse;
                }

                TFormat.StoreWide(arguments.Weights, start + key, weights);
            }
        }
    }

    /// <summary>
    /// weights = exp(scores + bias - logsumexp) again, and scoreGradients = weights * (weightGradients - sum(gradient * output)),
    /// zeros where a query does not see a key.
    /// </summary>
    [Kernel]
    public static void SoftmaxBackward<T, TFormat>(AttentionBackwardArguments<T> arguments)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        AttentionView view = arguments.View;
        int rows = view.Heads * view.Queries;
        int step = Warp.WarpSize * Octet.Length;
        int lane = Warp.LaneIdx * Octet.Length;
        for (int row = Lanes.GlobalWarp; row < rows; row += Lanes.WarpCount)
        {
            int head = row / view.Queries;
            int query = row - (head * view.Queries);
            int end = view.EndKey(query);
            int first = view.FirstKey(query);
            int position = view.BiasKind == AttentionView.NoBias ? 0 : view.Positions[end - 1];
            long start = (long)row * view.Stride;
            long at = (((long)(view.FirstQuery + query) * view.Heads) + head) * arguments.HeadLength;
            float sum = 0f;
            for (int i = lane; i < arguments.HeadLength; i += step)
            {
                Octet gradient = Octets.Load<T, TFormat>(arguments.Gradient, at + i, arguments.HeadLength - i, arguments.Wide);
                Octet output = Octets.Load<T, TFormat>(arguments.Output, at + i, arguments.HeadLength - i, arguments.Wide);
                sum += (gradient * output).Sum();
            }

            Octet mean = Octet.Of(Lanes.Sum(sum));
            Octet logSumExp = Octet.Of(arguments.LogSumExp[((long)head * arguments.AllQueries) + view.FirstQuery + query]);
            for (int key = lane; key < view.Stride; key += step)
            {
                Octet weights = default;
                Octet gradients = default;
                if (key < end)
                {
                    Octet scores = Float32Format.LoadWide(arguments.Scores, start + key);
                    scores = view.Biased(scores, head, query, key, position, first, end);
                    weights = Octet.Map<Exponential>(scores - logSumExp);
                    gradients = weights * (Float32Format.LoadWide(arguments.WeightGradients, start + key) - mean);

                    // Beyond the mask the second factor is what the product left there.
                    gradients = gradients.First(end - key, 0f).From(first - key, 0f);
                }

                TFormat.StoreWide(arguments.Weights, start + key, weights);
                TFormat.StoreWide(arguments.ScoreGradients, start + key, gradients);
            }
        }
    }

    /// <summary>firstKeys[k] = first key of key k's document; documents do not decrease, so it is found by halving.</summary>
    [Kernel]
    public static void FindFirstKeys(FirstKeysArguments arguments)
    {
        int all = arguments.Rows * arguments.Keys;
        for (int at = Lanes.GlobalThread; at < all; at += Lanes.ThreadCount)
        {
            int start = at / arguments.Keys * arguments.Keys;
            int document = arguments.Documents[at];
            int low = start;
            int high = at;
            while (low < high)
            {
                int middle = (low + high) >> 1;
                bool before = arguments.Documents[middle] != document;
                low = before ? middle + 1 : low;
                high = before ? high : middle;
            }

            arguments.FirstKeys[at] = low - start;
        }
    }

    /// <summary>
    /// tableGradient += score gradients of the pairs that an element of the table was added to. A thread takes an element and
    /// walks through the block's queries; positions do not decrease within a document, so the keys it wants lie side by side.
    /// No atomic additions: the same bits every time.
    /// </summary>
    [Kernel]
    public static void BiasGradient<T, TFormat>(BiasGradientArguments<T> arguments)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        AttentionView view = arguments.View;
        int extent = view.BiasExtent;
        int perHead = view.BiasKind == 1 ? extent : extent * extent;
        long all = (long)view.Heads * perHead;
        for (long at = Lanes.GlobalThread; at < all; at += Lanes.ThreadCount)
        {
            int head = (int)(at / perHead);
            int element = (int)(at - ((long)head * perHead));
            int row = element / extent;
            float sum = 0f;
            for (int query = 0; query < view.Queries; query++)
            {
                int end = view.EndKey(query);
                int position = view.Positions[end - 1];
                if (view.BiasKind != 1 && position != row)
                {
                    continue;
                }

                int wanted = view.BiasKind == 1 ? position - element : element - (row * extent);
                long start = ((long)((head * view.Queries) + query)) * view.Stride;
                for (int key = LowerBound(view.Positions, view.FirstKey(query), end, wanted); key < end && view.Positions[key] == wanted; key++)
                {
                    sum += TFormat.Decode(arguments.ScoreGradients[start + key]);
                }
            }

            arguments.TableGradient[at] += sum;
        }
    }

    /// <summary>Gradients of keys and values, summed up in float32 for one batch row, into their places in the packed tensor.</summary>
    [Kernel]
    public static void StoreKeyGradients<T, TFormat>(KeyGradientArguments<T> arguments)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        int octets = (arguments.Columns + Octet.Length - 1) / Octet.Length;
        int all = arguments.Keys * octets;
        for (int at = Lanes.GlobalThread; at < all; at += Lanes.ThreadCount)
        {
            int key = at / octets;
            int column = (at - (key * octets)) * Octet.Length;
            int count = arguments.Columns - column;
            Octet value = Octets.Load<float, Float32Format>(
                arguments.Sums, ((long)key * arguments.Columns) + column, count, arguments.WideSums);
            long to = ((long)key * arguments.RowLength) + arguments.FirstColumn + column;
            if (arguments.Adds != 0)
            {
                value += Octets.Load<T, TFormat>(arguments.Packed, to, count, arguments.Wide);
            }

            Octets.Store<T, TFormat>(arguments.Packed, to, count, arguments.Wide, value);
        }
    }

    /// <summary>First index from low on, below high, whose position is not below the wanted one.</summary>
    private static int LowerBound(ArrayView<int> positions, int low, int high, int wanted)
    {
        while (low < high)
        {
            int middle = (low + high) >> 1;
            bool below = positions[middle] < wanted;
            low = below ? middle + 1 : low;
            high = below ? high : middle;
        }

        return low;
    }
}
