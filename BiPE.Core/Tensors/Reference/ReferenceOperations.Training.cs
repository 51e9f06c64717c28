namespace BiPE.Core.Tensors.Reference;

public static partial class ReferenceOperations<T>
{
    /// <summary>Cross entropy of each row; logits become their gradient if the options ask for it.</summary>
    /// <param name="losses"><c>[N]</c>.</param>
    /// <param name="logits"><c>[N, V]</c>.</param>
    /// <param name="labels"><c>[N]</c>.</param>
    /// <param name="options">Ignored label, gradient.</param>
    public static void CrossEntropy(Span<T> losses, Span<T> logits, ReadOnlySpan<int> labels, CrossEntropyOptions options)
    {
        int columns = labels.Length == 0 ? 0 : logits.Length / labels.Length;
        T scale = T.CreateChecked(options.GradientScale);
        for (int row = 0; row < labels.Length; row++)
        {
            Span<T> x = logits.Slice(row * columns, columns);
            if (labels[row] == options.IgnoredLabel)
            {
                losses[row] = T.Zero;
                if (options.WritesGradient)
                {
                    x.Clear();
                }

                continue;
            }

            T maximum = T.NegativeInfinity;
            foreach (T value in x)
            {
                maximum = T.Max(maximum, value);
            }

            T sum = T.Zero;
            foreach (T value in x)
            {
                sum += T.Exp(value - maximum);
            }

            T logSumExp = maximum + T.Log(sum);
            losses[row] = logSumExp - x[labels[row]];
            if (!options.WritesGradient)
            {
                continue;
            }

            for (int column = 0; column < columns; column++)
            {
                T target = column == labels[row] ? T.One : T.Zero;
                x[column] = (T.Exp(x[column] - logSumExp) - target) * scale;
            }
        }
    }

    /// <summary>Sum of squares of all elements.</summary>
    /// <param name="source">The elements.</param>
    public static T SumOfSquares(ReadOnlySpan<T> source)
    {
        T sum = T.Zero;
        foreach (T value in source)
        {
            sum += value * value;
        }

        return sum;
    }

    /// <summary>
    /// Factor of the gradients so that their norm is at most the largest allowed:
    /// maximum / (norm + 1e-6) if below 1 (PyTorch's clip_grad_norm_), else 1.
    /// </summary>
    /// <param name="sumOfSquares">Square of the gradients' norm.</param>
    /// <param name="maximumNorm">Largest norm; 0 for no clipping.</param>
    public static T ClipFactor(T sumOfSquares, double maximumNorm) => maximumNorm == 0
        ? T.One
        : T.Min(T.One, T.CreateChecked(maximumNorm) / (T.Sqrt(sumOfSquares) + T.CreateChecked(1e-6)));

    /// <summary>One AdamW step; see <see cref="ITensorBackend.AdamWStep"/>.</summary>
    /// <param name="parameter">Updated.</param>
    /// <param name="gradient">Before clipping.</param>
    /// <param name="firstMoment">Updated.</param>
    /// <param name="secondMoment">Updated.</param>
    /// <param name="clipFactor">Factor of the gradient.</param>
    /// <param name="options">The step's numbers.</param>
    public static void AdamWStep(
        Span<T> parameter, ReadOnlySpan<T> gradient, Span<T> firstMoment, Span<T> secondMoment, T clipFactor, AdamWOptions options)
    {
        T beta1 = T.CreateChecked(options.Beta1);
        T beta2 = T.CreateChecked(options.Beta2);
        T decay = T.CreateChecked(1 - (options.LearningRate * options.WeightDecay));
        T rate = T.CreateChecked(options.LearningRate / (1 - Math.Pow(options.Beta1, options.Step)));
        T secondRoot = T.CreateChecked(Math.Sqrt(1 - Math.Pow(options.Beta2, options.Step)));
        T epsilon = T.CreateChecked(options.Epsilon);
        for (int i = 0; i < parameter.Length; i++)
        {
            T g = gradient[i] * clipFactor;
            firstMoment[i] = (beta1 * firstMoment[i]) + ((T.One - beta1) * g);
            secondMoment[i] = (beta2 * secondMoment[i]) + ((T.One - beta2) * g * g);
            parameter[i] = (parameter[i] * decay) - (rate * firstMoment[i] / ((T.Sqrt(secondMoment[i]) / secondRoot) + epsilon));
        }
    }
}
