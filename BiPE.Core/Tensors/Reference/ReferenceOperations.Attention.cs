namespace BiPE.Core.Tensors.Reference;

public static partial class ReferenceOperations<T>
{
    /// <summary>softmax(scale * query . key + bias) . value for each query and head, over the keys it sees.</summary>
    /// <param name="destination"><c>[batch, queries, heads, headDim]</c>.</param>
    /// <param name="logSumExp"><c>[batch, heads, queries]</c>.</param>
    /// <param name="arguments">Operands.</param>
    public static void Attention(Span<T> destination, Span<T> logSumExp, ReferenceAttention<T> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        int size = arguments.HeadDimension;
        var weights = new T[arguments.KeyCount];
        for (int batch = 0; batch < arguments.Batch; batch++)
        {
            for (int head = 0; head < arguments.HeadCount; head++)
            {
                for (int query = 0; query < arguments.QueryCount; query++)
                {
                    T maximum = T.NegativeInfinity;
                    for (int key = 0; key < arguments.KeyCount; key++)
                    {
                        weights[key] = Score(arguments, batch, head, query, key);
                        maximum = T.Max(maximum, weights[key]);
                    }

                    T sum = T.Zero;
                    Span<T> output = destination.Slice(QueryOffset(arguments, batch, query, head), size);
                    output.Clear();
                    for (int key = 0; key < arguments.KeyCount; key++)
                    {
                        if (!arguments.Sees(batch, query, key))
                        {
                            continue;
                        }

                        T weight = T.Exp(weights[key] - maximum);
                        sum += weight;
                        AddScaled(output, arguments.Values.AsSpan(KeyOffset(arguments, batch, key, head), size), weight);
                    }

                    foreach (ref T value in output)
                    {
                        value /= sum;
                    }

                    logSumExp[(((batch * arguments.HeadCount) + head) * arguments.QueryCount) + query] = maximum + T.Log(sum);
                }
            }
        }
    }

    /// <summary>
    /// Gradient of attention. With p the softmax and delta = gradient . output of each query: dvalue += p gradient,
    /// dscore = p (gradient . value - delta), dquery += scale dscore key, dkey += scale dscore query, dbias += dscore.
    /// </summary>
    /// <param name="queryGradient">As the queries; added to.</param>
    /// <param name="keyGradient">As the keys; added to.</param>
    /// <param name="valueGradient">As the values; added to.</param>
    /// <param name="biasGradient">As the bias table, added to; empty for none.</param>
    /// <param name="gradient"><c>[batch, queries, heads, headDim]</c>.</param>
    /// <param name="output">As attention wrote it.</param>
    /// <param name="logSumExp">As attention wrote it.</param>
    /// <param name="arguments">Operands.</param>
    public static void AttentionBackward(
        Span<T> queryGradient, Span<T> keyGradient, Span<T> valueGradient, Span<T> biasGradient,
        ReadOnlySpan<T> gradient, ReadOnlySpan<T> output, ReadOnlySpan<T> logSumExp, ReferenceAttention<T> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        int size = arguments.HeadDimension;
        for (int batch = 0; batch < arguments.Batch; batch++)
        {
            for (int head = 0; head < arguments.HeadCount; head++)
            {
                for (int query = 0; query < arguments.QueryCount; query++)
                {
                    int queryOffset = QueryOffset(arguments, batch, query, head);
                    ReadOnlySpan<T> dy = gradient.Slice(queryOffset, size);
                    T delta = Dot(dy, output.Slice(queryOffset, size));
                    T denominator = logSumExp[(((batch * arguments.HeadCount) + head) * arguments.QueryCount) + query];
                    for (int key = 0; key < arguments.KeyCount; key++)
                    {
                        if (!arguments.Sees(batch, query, key))
                        {
                            continue;
                        }

                        int keyOffset = KeyOffset(arguments, batch, key, head);
                        T weight = T.Exp(Score(arguments, batch, head, query, key) - denominator);
                        T scoreGradient = weight * (Dot(dy, arguments.Values.AsSpan(keyOffset, size)) - delta);
                        AddScaled(valueGradient.Slice(keyOffset, size), dy, weight);
                        AddScaled(queryGradient.Slice(queryOffset, size), arguments.Keys.AsSpan(keyOffset, size), scoreGradient * arguments.Scale);
                        AddScaled(keyGradient.Slice(keyOffset, size), arguments.Queries.AsSpan(queryOffset, size), scoreGradient * arguments.Scale);
                        if (!biasGradient.IsEmpty)
                        {
                            biasGradient[arguments.BiasIndex(batch, head, query, key)] += scoreGradient;
                        }
                    }
                }
            }
        }
    }

    private static T Score(ReferenceAttention<T> arguments, int batch, int head, int query, int key)
    {
        if (!arguments.Sees(batch, query, key))
        {
            return T.NegativeInfinity;
        }

        int size = arguments.HeadDimension;
        T score = arguments.Scale * Dot(
            arguments.Queries.AsSpan(QueryOffset(arguments, batch, query, head), size),
            arguments.Keys.AsSpan(KeyOffset(arguments, batch, key, head), size));
        if (arguments.BiasKind is not { } kind)
        {
            return score;
        }

        T bias = arguments.BiasTable[arguments.BiasIndex(batch, head, query, key)];
        return score + (kind == AttentionBiasKind.PerKey ? bias * T.CreateChecked(arguments.RelativePosition(batch, query, key)) : bias);
    }

    private static int QueryOffset(ReferenceAttention<T> arguments, int batch, int query, int head) =>
        ((((batch * arguments.QueryCount) + query) * arguments.HeadCount) + head) * arguments.HeadDimension;

    private static int KeyOffset(ReferenceAttention<T> arguments, int batch, int key, int head)
    {
        int shared = head / (arguments.HeadCount / arguments.KeyValueHeadCount);
        return ((((batch * arguments.KeyCount) + key) * arguments.KeyValueHeadCount) + shared) * arguments.HeadDimension;
    }

    private static T Dot(ReadOnlySpan<T> a, ReadOnlySpan<T> b)
    {
        T sum = T.Zero;
        for (int i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    private static void AddScaled(Span<T> destination, ReadOnlySpan<T> source, T factor)
    {
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] += source[i] * factor;
        }
    }
}
