using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class SoftmaxRowsBackwardTests(BackendFixture fixture) : OperationTests(fixture)
{
    /// <summary>The dot product of a row averages the gradient with the weights, so its size is the gradient's, not its root of terms.</summary>
    private static Tolerance Rounded(int keys) => new(4 * Math.Sqrt(Math.Max(1, keys)), 2);

    [Test]
    public void MatchesTheDefinition([ValueSource(nameof(Widths))] int keys, [Values] WriteMode mode) => Check($"keys {keys}, {mode}", bench =>
    {
        (Tensor gradient, Tensor output) = Operands(bench, 5, keys);
        Tensor result = bench.Destination(new(5, keys), mode);
        bench.Backend.SoftmaxRowsBackward(result, gradient, output, mode);
        bench.Expect("gradient of the scores", result, Rounded(keys));
    });

    [Test]
    public void TakesManyRowsOfThreeAxes([Values] WriteMode mode) => Check($"many rows, {mode}", bench =>
    {
        (Tensor gradient, Tensor output) = Operands(bench, 300, 77);
        Tensor result = bench.Destination(new(3, 100, 77), mode);
        bench.Backend.SoftmaxRowsBackward(result, gradient.Reshape(3, 100, 77), output.Reshape(3, 100, 77), mode);
        bench.Expect("gradient of the scores", result, Rounded(77));
    });

    [Test]
    public void WorksInTheGradientsPlace([Values] WriteMode mode) => Check($"in place, {mode}", bench =>
    {
        (Tensor gradient, Tensor output) = Operands(bench, 7, 39);
        bench.Backend.SoftmaxRowsBackward(gradient, gradient, output, mode);
        bench.Expect("gradient of the scores", gradient, Rounded(39));
    });

    private static (Tensor Gradient, Tensor Output) Operands(Bench bench, int rows, int keys)
    {
        double[] weights = bench.Values((long)rows * keys, 1);
        for (int row = 0; row < rows; row++)
        {
            Span<double> values = weights.AsSpan(row * keys, keys);
            double sum = 0;
            foreach (ref double value in values)
            {
                value = Math.Exp(2 * value);
                sum += value;
            }

            foreach (ref double value in values)
            {
                value /= sum;
            }
        }

        return (bench.Activation(new(rows, keys)), bench.Activation(new(rows, keys), weights));
    }
}
