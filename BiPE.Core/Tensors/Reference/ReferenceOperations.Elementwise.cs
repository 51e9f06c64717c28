namespace BiPE.Core.Tensors.Reference;

public static partial class ReferenceOperations<T>
{
    /// <summary>f(x).</summary>
    /// <param name="x">Argument.</param>
    /// <param name="kind">The function f.</param>
    public static T Unary(T x, UnaryKind kind) => kind switch
    {
        UnaryKind.Silu => x * Sigmoid(x),
        UnaryKind.Sigmoid => Sigmoid(x),
        UnaryKind.Relu => T.IsNaN(x) ? x : T.Max(x, T.Zero),
        UnaryKind.Tanh => T.Tanh(x),
        UnaryKind.Exp => T.Exp(x),
        UnaryKind.Log => T.Log(x),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown function."),
    };

    /// <summary>f'(x).</summary>
    /// <param name="x">Argument.</param>
    /// <param name="kind">The function f.</param>
    public static T UnaryDerivative(T x, UnaryKind kind)
    {
        switch (kind)
        {
            case UnaryKind.Silu:
                T silu = Sigmoid(x);
                return silu * (T.One + (x * (T.One - silu)));
            case UnaryKind.Sigmoid:
                T sigmoid = Sigmoid(x);
                return sigmoid * (T.One - sigmoid);
            case UnaryKind.Relu:
                return x > T.Zero ? T.One : T.Zero;
            case UnaryKind.Tanh:
                T tanh = T.Tanh(x);
                return T.One - (tanh * tanh);
            case UnaryKind.Exp:
                return T.Exp(x);
            case UnaryKind.Log:
                return T.One / x;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown function.");
        }
    }

    /// <summary>Softmax of each row; causal rows of <c>[..., queries, keys]</c> see keys 0 .. query + keys - queries.</summary>
    /// <param name="destination">Rows of keys.</param>
    /// <param name="source">Rows of keys.</param>
    /// <param name="queries">Rows of one matrix.</param>
    /// <param name="keys">Length of a row.</param>
    /// <param name="causal">Whether the mask is applied.</param>
    public static void SoftmaxRows(Span<T> destination, ReadOnlySpan<T> source, int queries, int keys, bool causal)
    {
        int rows = keys == 0 ? 0 : source.Length / keys;
        for (int row = 0; row < rows; row++)
        {
            int visible = causal ? (row % queries) + keys - queries + 1 : keys;
            ReadOnlySpan<T> x = source.Slice(row * keys, visible);
            Span<T> y = destination.Slice(row * keys, keys);
            T maximum = T.NegativeInfinity;
            foreach (T value in x)
            {
                maximum = T.Max(maximum, value);
            }

            T sum = T.Zero;
            for (int i = 0; i < visible; i++)
            {
                y[i] = T.Exp(x[i] - maximum);
                sum += y[i];
            }

            for (int i = 0; i < visible; i++)
            {
                y[i] /= sum;
            }

            y[visible..].Clear();
        }
    }

    /// <summary>Gradient of <see cref="SoftmaxRows"/>.</summary>
    /// <param name="sourceGradient">Rows of keys.</param>
    /// <param name="gradient">Rows of keys.</param>
    /// <param name="output">Rows of keys.</param>
    /// <param name="keys">Length of a row.</param>
    /// <param name="mode">Whether the gradient replaces or is added.</param>
    public static void SoftmaxRowsBackward(Span<T> sourceGradient, ReadOnlySpan<T> gradient, ReadOnlySpan<T> output, int keys, WriteMode mode)
    {
        for (int start = 0; start < output.Length; start += keys)
        {
            T dot = T.Zero;
            for (int i = start; i < start + keys; i++)
            {
                dot += gradient[i] * output[i];
            }

            for (int i = start; i < start + keys; i++)
            {
                Write(ref sourceGradient[i], (gradient[i] - dot) * output[i], mode);
            }
        }
    }

    /// <summary>Running sums of each row.</summary>
    /// <param name="destination">Rows.</param>
    /// <param name="source">Rows.</param>
    /// <param name="columns">Length of a row.</param>
    /// <param name="fromEnd">Whether sums run from the row's end.</param>
    public static void CumulativeSum(Span<T> destination, ReadOnlySpan<T> source, int columns, bool fromEnd)
    {
        for (int start = 0; start < source.Length; start += columns)
        {
            T sum = T.Zero;
            for (int i = 0; i < columns; i++)
            {
                int at = start + (fromEnd ? columns - 1 - i : i);
                sum += source[at];
                destination[at] = sum;
            }
        }
    }

    /// <summary>destination[c] (=|+=) sum over n of source[n, c].</summary>
    /// <param name="destination"><c>[C]</c>.</param>
    /// <param name="source"><c>[N, C]</c>.</param>
    /// <param name="mode">Whether the sums replace or are added.</param>
    public static void SumRows(Span<T> destination, ReadOnlySpan<T> source, WriteMode mode)
    {
        int columns = destination.Length;
        for (int column = 0; column < columns; column++)
        {
            T sum = T.Zero;
            for (int at = column; at < source.Length; at += columns)
            {
                sum += source[at];
            }

            Write(ref destination[column], sum, mode);
        }
    }
}
