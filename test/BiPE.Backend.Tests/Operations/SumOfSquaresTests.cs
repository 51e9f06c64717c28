using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class SumOfSquaresTests(BackendFixture fixture) : OperationTests(fixture)
{
    [Test]
    public void MatchesTheDefinition([ValueSource(nameof(Widths))] int length) => Check($"length {length}", bench => Run(bench, length));

    [TestCase(100_003)]
    [TestCase(1_000_000)]
    public void SumsLongTensors(int length) => Check($"length {length}", bench => Run(bench, length));

    [Test]
    public void SumsManyTensors() => Check("many", bench => Run(bench, [.. Enumerable.Range(0, 60).Select(i => i * i % 700), 5000, 1, 70_001]));

    [Test]
    public void IsZeroForNoTensors() => Check("none", bench => Run(bench));

    [Test]
    public void ShowsNotANumbers([Values(double.NaN, double.PositiveInfinity)] double value) => Check($"special {value}", bench =>
    {
        Tensor a = bench.Activation(new(70));
        Tensor b = bench.Activation(new(3), [1, value, 2]);
        Tensor sum = bench.StatisticDestination(new(1));
        bench.Backend.SumOfSquares(sum, [a, b]);
        bench.Expect("sum", sum, new Tolerance(4));
    });

    private static void Run(Bench bench, params int[] lengths)
    {
        Tensor[] sources = [.. lengths.Select(length => bench.Activation(new(length)))];
        Tensor sum = bench.StatisticDestination(new(1));
        bench.Backend.SumOfSquares(sum, sources);

        // Summed in float64 for each chunk: what is left is the result's own rounding.
        bench.Expect("sum", sum, new Tolerance(4));
    }
}
