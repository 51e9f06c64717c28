namespace BiPE.Core.Tensors.Reference;

public static partial class ReferenceOperations<T>
{
    /// <summary>destination[n, :] (=|+=) table[ids[n], :].</summary>
    /// <param name="destination"><c>[N, C]</c>.</param>
    /// <param name="table"><c>[V, C]</c>.</param>
    /// <param name="ids">N rows of the table.</param>
    /// <param name="columns">C.</param>
    /// <param name="mode">Whether rows replace or are added.</param>
    public static void GatherRows(Span<T> destination, ReadOnlySpan<T> table, ReadOnlySpan<int> ids, int columns, WriteMode mode)
    {
        for (int row = 0; row < ids.Length; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                Write(ref destination[(row * columns) + column], table[(ids[row] * columns) + column], mode);
            }
        }
    }

    /// <summary>destination[ids[n], :] += source[n, :] for ids other than the skipped one.</summary>
    /// <param name="destination"><c>[V, C]</c>.</param>
    /// <param name="source"><c>[N, C]</c>.</param>
    /// <param name="ids">N rows of the destination.</param>
    /// <param name="columns">C.</param>
    /// <param name="skippedId">Id that is left out, or -1.</param>
    /// <param name="mode">Whether the destination is set to zero first.</param>
    public static void ScatterAddRows(
        Span<T> destination, ReadOnlySpan<T> source, ReadOnlySpan<int> ids, int columns, int skippedId, WriteMode mode)
    {
        if (mode == WriteMode.Overwrite)
        {
            destination.Clear();
        }

        for (int row = 0; row < ids.Length; row++)
        {
            if (ids[row] == skippedId)
            {
                continue;
            }

            for (int column = 0; column < columns; column++)
            {
                destination[(ids[row] * columns) + column] += source[(row * columns) + column];
            }
        }
    }

    /// <summary>Root-mean-square norm of each row.</summary>
    /// <param name="destination"><c>[N, C]</c>.</param>
    /// <param name="inverseRms"><c>[N]</c>, written.</param>
    /// <param name="source"><c>[N, C]</c>.</param>
    /// <param name="weight"><c>[C]</c>.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    public static void RmsNorm(Span<T> destination, Span<T> inverseRms, ReadOnlySpan<T> source, ReadOnlySpan<T> weight, double epsilon)
    {
        int columns = weight.Length;
        for (int row = 0; row < inverseRms.Length; row++)
        {
            ReadOnlySpan<T> x = source.Slice(row * columns, columns);
            T squares = T.Zero;
            foreach (T value in x)
            {
                squares += value * value;
            }

            T inverse = T.One / T.Sqrt((squares / T.CreateChecked(columns)) + T.CreateChecked(epsilon));
            inverseRms[row] = inverse;
            for (int column = 0; column < columns; column++)
            {
                destination[(row * columns) + column] = x[column] * inverse * weight[column];
            }
        }
    }

    /// <summary>
    /// Gradient of the norm: with g = gradient * weight and r = inverse root mean square,
    /// dx = r g - x r^3 mean(g x); dweight = sum over rows of gradient * x * r.
    /// </summary>
    /// <param name="sourceGradient"><c>[N, C]</c>.</param>
    /// <param name="sourceMode">Whether it is replaced or added to.</param>
    /// <param name="weightGradient"><c>[C]</c>, or empty for none.</param>
    /// <param name="weightMode">Whether it is replaced or added to.</param>
    /// <param name="gradient"><c>[N, C]</c>.</param>
    /// <param name="source"><c>[N, C]</c>.</param>
    /// <param name="inverseRms"><c>[N]</c>.</param>
    /// <param name="weight"><c>[C]</c>.</param>
    public static void RmsNormBackward(
        Span<T> sourceGradient, WriteMode sourceMode, Span<T> weightGradient, WriteMode weightMode,
        ReadOnlySpan<T> gradient, ReadOnlySpan<T> source, ReadOnlySpan<T> inverseRms, ReadOnlySpan<T> weight)
    {
        int columns = weight.Length;
        if (weightMode == WriteMode.Overwrite)
        {
            weightGradient.Clear();
        }

        for (int row = 0; row < inverseRms.Length; row++)
        {
            ReadOnlySpan<T> x = source.Slice(row * columns, columns);
            ReadOnlySpan<T> dy = gradient.Slice(row * columns, columns);
            T inverse = inverseRms[row];
            T dot = T.Zero;
            for (int column = 0; column < columns; column++)
            {
                dot += dy[column] * weight[column] * x[column];
            }

            T shared = dot / T.CreateChecked(columns) * inverse * inverse * inverse;
            for (int column = 0; column < columns; column++)
            {
                T dx = (dy[column] * weight[column] * inverse) - (x[column] * shared);
                T dw = dy[column] * x[column] * inverse;
                Write(ref sourceGradient[(row * columns) + column], dx, sourceMode);
                if (!weightGradient.IsEmpty)
                {
                    weightGradient[column] += dw;
                }
            }
        }
    }

    /// <summary>Rotation of some heads, in place, pairs by halves.</summary>
    /// <param name="packed"><c>[N, heads, headDim]</c>.</param>
    /// <param name="heads">All heads of the packed tensor.</param>
    /// <param name="headDimension">Size of a head.</param>
    /// <param name="firstHead">First rotated head.</param>
    /// <param name="headCount">Number of rotated heads.</param>
    /// <param name="cosine"><c>[positions, half]</c>.</param>
    /// <param name="sine"><c>[positions, half]</c>.</param>
    /// <param name="half">Columns of the tables.</param>
    /// <param name="positions">N rows of the tables.</param>
    /// <param name="transposed">Whether the transposed rotation is applied.</param>
    public static void Rotate(
        Span<T> packed, int heads, int headDimension, int firstHead, int headCount,
        ReadOnlySpan<T> cosine, ReadOnlySpan<T> sine, int half, ReadOnlySpan<int> positions, bool transposed)
    {
        for (int row = 0; row < positions.Length; row++)
        {
            for (int head = firstHead; head < firstHead + headCount; head++)
            {
                Span<T> x = packed.Slice(((row * heads) + head) * headDimension, headDimension);
                for (int i = 0; i < half; i++)
                {
                    T c = cosine[(positions[row] * half) + i];
                    T s = transposed ? -sine[(positions[row] * half) + i] : sine[(positions[row] * half) + i];
                    (x[i], x[i + half]) = ((c * x[i]) - (s * x[i + half]), (c * x[i + half]) + (s * x[i]));
                }
            }
        }
    }

    /// <summary>destination[n, f] = silu(gateUp[n, f]) * gateUp[n, F + f].</summary>
    /// <param name="destination"><c>[N, F]</c>.</param>
    /// <param name="gateUp"><c>[N, 2F]</c>.</param>
    /// <param name="columns">F.</param>
    public static void SwiGlu(Span<T> destination, ReadOnlySpan<T> gateUp, int columns)
    {
        for (int i = 0; i < destination.Length; i++)
        {
            int row = i / columns;
            int column = i % columns;
            T gate = gateUp[(row * 2 * columns) + column];
            T up = gateUp[(row * 2 * columns) + columns + column];
            destination[i] = gate * Sigmoid(gate) * up;
        }
    }

    /// <summary>Gradient of <see cref="SwiGlu"/>; silu'(x) = sigmoid(x) (1 + x (1 - sigmoid(x))).</summary>
    /// <param name="gateUpGradient"><c>[N, 2F]</c>; may be the argument itself.</param>
    /// <param name="gradient"><c>[N, F]</c>.</param>
    /// <param name="gateUp"><c>[N, 2F]</c>.</param>
    /// <param name="columns">F.</param>
    public static void SwiGluBackward(Span<T> gateUpGradient, ReadOnlySpan<T> gradient, ReadOnlySpan<T> gateUp, int columns)
    {
        for (int i = 0; i < gradient.Length; i++)
        {
            int at = (i / columns * 2 * columns) + (i % columns);
            T gate = gateUp[at];
            T up = gateUp[at + columns];
            T sigmoid = Sigmoid(gate);
            gateUpGradient[at] = gradient[i] * up * sigmoid * (T.One + (gate * (T.One - sigmoid)));
            gateUpGradient[at + columns] = gradient[i] * gate * sigmoid;
        }
    }

    private static T Sigmoid(T x) => T.One / (T.One + T.Exp(-x));
}
