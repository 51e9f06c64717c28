using BiPE.Core.Tensors;
using NUnit.Framework;

namespace BiPE.Testing;

/// <summary>
/// Compares hand-made gradients with central differences in float64. With a step of 1e-5 the differences are good to about
/// 1e-9 of the function's size, so 1e-6 tells a right gradient from a nearly right one.
/// </summary>
public static class GradientCheck
{
    private const double RelativeError = 1e-6;
    private const double Step = 1e-5;

    /// <summary>
    /// Fails unless d loss / d input equals the gradient, up to 1e-6 of the larger of the element and the gradient's root mean
    /// square.
    /// </summary>
    /// <param name="name">What is checked, for the message.</param>
    /// <param name="backend">A backend that computes in float64.</param>
    /// <param name="input">A Float64 tensor that the loss depends on; moved and put back.</param>
    /// <param name="gradient">The gradient to check, in the input's order.</param>
    /// <param name="loss">Computes the loss from the input's present content.</param>
    /// <param name="samples">How many elements are moved at most, evenly spread.</param>
    public static void Check(
        string name, ITensorBackend backend, Tensor input, IReadOnlyList<double> gradient, Func<double> loss, int samples = 64)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(gradient);
        ArgumentNullException.ThrowIfNull(loss);
        Assert.That(input.Type, Is.EqualTo(ElementType.Float64), $"{name}: finite differences need float64.");
        Assert.That(gradient, Has.Count.EqualTo(input.Count), $"{name}: number of elements of the gradient.");
        double[] values = backend.ReadDoubles(input);
        double size = Math.Sqrt(gradient.Sum(value => value * value) / Math.Max(1, gradient.Count));
        int stride = Math.Max(1, values.Length / samples);
        for (int i = 0; i < values.Length; i += stride)
        {
            double difference = Difference(backend, input, values, i, loss);
            double allowed = RelativeError * Math.Max(Math.Abs(difference), Math.Max(size, 1e-3));
            if (!(Math.Abs(gradient[i] - difference) <= allowed))
            {
                Assert.Fail($"{name}: gradient[{i}] is {gradient[i]:R}, finite differences give {difference:R}, within {allowed:G3}.");
            }
        }
    }

    private static double Difference(ITensorBackend backend, Tensor input, double[] values, int index, Func<double> loss)
    {
        double original = values[index];
        double step = Step * Math.Max(1, Math.Abs(original));
        values[index] = original + step;
        backend.WriteDoubles(input, values);
        double above = loss();
        values[index] = original - step;
        backend.WriteDoubles(input, values);
        double below = loss();
        values[index] = original;
        backend.WriteDoubles(input, values);
        return (above - below) / (2 * step);
    }
}
