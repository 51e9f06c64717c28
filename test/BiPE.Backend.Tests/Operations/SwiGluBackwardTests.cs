using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class SwiGluBackwardTests(BackendFixture fixture) : OperationTests(fixture)
{
    /// <summary>silu' cancels near its zero at -1.278, so what is left counts relative to the factors.</summary>
    private static readonly Tolerance Rounded = new(12, 4);

    [Test]
    public void MatchesTheDefinition([ValueSource(nameof(Widths))] int columns)
    {
        foreach (int rows in (int[])[0, 1, 4])
        {
            Check($"{rows} x {columns}", bench => Run(bench, rows, columns));
        }
    }

    [Test]
    public void TakesManyRows() => Check("many rows", bench => Run(bench, 150, 333));

    [Test]
    public void SaturatesWithoutNotANumbers() => Check("saturated", bench =>
    {
        Tensor gateUp = bench.Activation(new(1, 14), [-3e38, -1e4, -104, -88.8, 88.8, 104, 1e4, 2, 2, 2, 2, 3, 3, 3]);
        Tensor gradient = bench.Activation(new(1, 7));
        Tensor result = bench.Destination(new(1, 14));
        bench.Backend.SwiGluBackward(result, gradient, gateUp);
        bench.Expect("gradient", result, Rounded);
    });

    [Test]
    public void WorksInPlace([Values(1, 8, 45, 1000)] int columns) => Check($"in place {columns}", bench =>
    {
        Tensor gateUp = bench.Activation(new(3, 2 * columns), 2);
        Tensor gradient = bench.Activation(new(3, columns));
        bench.Backend.SwiGluBackward(gateUp, gradient, gateUp);
        bench.Expect("gradient", gateUp, Rounded);
    });

    private static void Run(Bench bench, int rows, int columns)
    {
        Tensor gateUp = bench.Activation(new(rows, 2 * columns), 2);
        Tensor gradient = bench.Activation(new(rows, columns));
        Tensor result = bench.Destination(new(rows, 2 * columns));
        bench.Backend.SwiGluBackward(result, gradient, gateUp);
        bench.Expect("gradient", result, Rounded);
    }
}
