using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class RmsNormTests(BackendFixture fixture) : OperationTests(fixture)
{
    [Test]
    public void MatchesTheDefinition([ValueSource(nameof(WidthsFromOne))] int columns)
    {
        foreach (int rows in (int[])[0, 1, 5])
        {
            Check($"{rows} x {columns}", bench => Run(bench, rows, columns, 1, 1e-6));
        }
    }

    [TestCase(500, 96)]
    [TestCase(130, 769)]
    [TestCase(3, 4100)]
    public void TakesManyRows(int rows, int columns) => Check($"{rows} x {columns}", bench => Run(bench, rows, columns, 1, 1e-5));

    [Test]
    public void MatchesTheDefinitionForLargeAndSmallRows([Values(0.0, 1e-12, 1e-4, 1e3, 1e12)] double scale) => Check($"scale {scale}", bench =>
        Run(bench, 4, 77, scale, 1e-6));

    private static void Run(Bench bench, int rows, int columns, double scale, double epsilon)
    {
        Tensor source = bench.Activation(new(rows, columns), scale);
        Tensor weight = bench.Activation(new(columns));
        Tensor result = bench.Destination(new(rows, columns));
        Tensor inverse = bench.StatisticDestination(new(rows));
        bench.Backend.RmsNorm(result, inverse, source, weight, epsilon);
        bench.Expect("result", result, new Tolerance(8 + Math.Sqrt(columns)));
        bench.Expect("inverse root mean square", inverse, new Tolerance(6 + Math.Sqrt(columns)));
    }
}
