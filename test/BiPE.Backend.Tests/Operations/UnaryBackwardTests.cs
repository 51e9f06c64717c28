using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class UnaryBackwardTests(BackendFixture fixture) : OperationTests(fixture)
{
    /// <summary>Derivatives such as s (1 - s) cancel where the function saturates, so what is left counts relative to 1.</summary>
    private static readonly Tolerance Rounded = new(12, 2);

    [Test]
    public void MatchesTheDefinition([Values] UnaryKind kind, [Values] WriteMode mode)
    {
        foreach (int length in Lengths)
        {
            Check($"{kind}, length {length}, {mode}", bench =>
            {
                Tensor source = bench.Activation(new(length), Arguments(bench, kind, length));
                Tensor gradient = bench.Activation(new(length));
                Tensor result = bench.Destination(new(length), mode);
                bench.Backend.UnaryBackward(result, gradient, source, kind, mode);
                bench.Expect("result", result, Rounded);
            });
        }
    }

    [Test]
    public void WorksInTheGradientsPlace([Values] UnaryKind kind, [Values] WriteMode mode) => Check($"{kind}, in place, {mode}", bench =>
    {
        Tensor source = bench.Activation(new(83), Arguments(bench, kind, 83));
        Tensor gradient = bench.Activation(new(83));
        bench.Backend.UnaryBackward(gradient, gradient, source, kind, mode);
        bench.Expect("gradient", gradient, Rounded);
    });

    [Test]
    public void SaturatesWithoutNotANumbers([Values(UnaryKind.Silu, UnaryKind.Sigmoid, UnaryKind.Tanh, UnaryKind.Relu)] UnaryKind kind) =>
        Check($"{kind}, saturated", bench =>
        {
            double[] large = [-3e38, -1e4, -104, -88.8, -50, -0.0, 0, 1e-42, 17, 50, 88.8, 104, 1e4, 3e38];
            Tensor source = bench.Activation(new(large.Length), large);
            Tensor gradient = bench.Activation(new(large.Length));
            Tensor result = bench.Destination(new(large.Length));
            bench.Backend.UnaryBackward(result, gradient, source, kind);
            bench.Expect("result", result, Rounded);
        });

    private static double[] Arguments(Bench bench, UnaryKind kind, int length) =>
        Array.ConvertAll(bench.Values(length, 3), value => kind == UnaryKind.Log ? Math.Abs(value) + 0.1 : value);
}
