using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class SwiGluTests(BackendFixture fixture) : OperationTests(fixture)
{
    /// <summary>As for silu; the scale is that of a sigmoid which underflows before it is multiplied.</summary>
    private static readonly Tolerance Rounded = new(10, 1e-28);

    [Test]
    public void MatchesTheDefinition([ValueSource(nameof(Widths))] int columns)
    {
        foreach (int rows in (int[])[0, 1, 4])
        {
            Check($"{rows} x {columns}", bench => Run(bench, bench.Activation(new(rows, 2 * columns), 2)));
        }
    }

    [Test]
    public void TakesManyRows() => Check("many rows", bench => Run(bench, bench.Activation(new(150, 2 * 333), 2)));

    [Test]
    public void SaturatesWithoutNotANumbers() => Check("saturated", bench => Run(bench, bench.Activation(
        new(2, 12), [-3e38, -1e4, -104, -88.8, -0.0, 0, 2, 2, 2, 2, 3, 3, 1e-42, 17, 88.8, 104, 1e4, 1e38, 2, -2, 2, -2, 3, 3])));

    private static void Run(Bench bench, Tensor gateUp)
    {
        Tensor result = bench.Destination(new(gateUp.Shape[0], gateUp.Shape[1] / 2));
        bench.Backend.SwiGlu(result, gateUp);
        bench.Expect("result", result, Rounded);
    }
}
