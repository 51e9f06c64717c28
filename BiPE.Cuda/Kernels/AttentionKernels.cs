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
    /// tableGradient[head, distance] += score gradients of the pairs that far apart. A warp takes an element and its lanes the
    /// block's queries; positions do not decrease within a document, so the keys that a query wants lie side by side. No atomic
    /// additions: the same bits every time.
    /// </summary>
    [Kernel]
    public static void DistanceGradient<T, TFormat>(BiasGradientArguments<T> arguments)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        AttentionView view = arguments.View;
        int elements = view.Heads * view.BiasExtent;
        for (int element = Lanes.GlobalWarp; element < elements; element += Lanes.WarpCount)
        {
            int head = Lanes.InPlace(element / view.BiasExtent);
            int distance = element - (head * view.BiasExtent);
            float sum = 0f;
            for (int query = Warp.LaneIdx; query < view.Queries; query += Warp.WarpSize)
            {
                int end = view.EndKey(query);
                int first = view.FirstKey(query);
                int wanted = view.Positions[end - 1] - distance;
                int low = LowerBound(view.Positions, first, end, wanted);
                int high = LowerBound(view.Positions, first, end, wanted + 1);
                sum += SumOf<T, TFormat>(arguments.ScoreGradients, view.StartOf(head, query), low, high);
            }

            sum = Lanes.Sum(sum);
            if (Warp.LaneIdx == 0)
            {
                arguments.TableGradient[element] += sum;
            }
        }
    }

    /// <summary>
    /// tableGradient[head, p, p'] += score gradients of the pairs of a query at position p and a key at p'. A warp takes a head
    /// and a position of queries, which lie side by side in each document, and its lanes the positions of keys; where no query of
    /// the block has the position, the table is not touched. No atomic additions: the same bits every time.
    /// </summary>
    [Kernel]
    public static void PairGradient<T, TFormat>(BiasGradientArguments<T> arguments)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        AttentionView view = arguments.View;
        int rows = view.Heads * view.BiasExtent;
        int start = view.EndKey(0) - 1;
        for (int row = Lanes.GlobalWarp; row < rows; row += Lanes.WarpCount)
        {
            int head = Lanes.InPlace(row / view.BiasExtent);
            int position = row - (head * view.BiasExtent);
            for (int end = view.EndKey(view.Queries - 1); end > start;)
            {
                int first = view.FirstKey(end - 1 - start);
                int seen = first < start ? start : first;
                int low = LowerBound(view.Positions, seen, end, position);
                int high = LowerBound(view.Positions, seen, end, position + 1);
                for (int column = Warp.LaneIdx; low < high && column <= position; column += Warp.WarpSize)
                {
                    int from = LowerBound(view.Positions, first, high, column);
                    int to = LowerBound(view.Positions, first, high, column + 1);
                    float sum = 0f;
                    for (int key = low; key < high; key++)
                    {
                        int query = key - start;
                        sum += SumOf<T, TFormat>(arguments.ScoreGradients, view.StartOf(head, query), from, to < key + 1 ? to : key + 1);
                    }

                    arguments.TableGradient[((long)row * view.BiasExtent) + column] += sum;
                }

                end = first;
            }
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

    /// <summary>Sum of the elements from low on, below high, counted from the start of a row.</summary>
    private static float SumOf<T, TFormat>(ArrayView<T> values, long start, int low, int high)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        float sum = 0f;
        for (int i = low; i < high; i++)
        {
            sum += TFormat.Decode(values[start + i]);
        }

        return sum;
    }

    /// <summary>First index of a range, which must not be empty, whose position is not below the wanted one; its end if there is none.</summary>
    private static int LowerBound(ArrayView<int> positions, int first, int end, int wanted)
    {
        // Lanes that search one range go through the loop alike, whatever they want. The last comparison stands behind it because
        // the compiler misses what only a loop's later rounds make different between lanes, and its branches would not diverge.
        int low = first;
        for (int count = end - first; count > 1;)
        {
            int half = count >> 1;
            bool before = positions[low + half - 1] < wanted;
            low = before ? low + half : low;
            count -= half;
        }

        bool last = positions[low] < wanted;
        return last ? low + 1 : low;
    }
}
