using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class SumRowsTests(BackendFixture fixture) : OperationTests(fixture)
{
    [Test]
    public void MatchesTheDefinition([ValueSource(nameof(Widths))] int columns, [Values] WriteMode mode)
    {
        foreach (int rows in (int[])[0, 1, 2, 7, 33])
        {
            Check($"{rows} x {columns}, {mode}", bench => Run(bench, rows, columns, mode));
        }
    }

    [TestCase(1000, 3)]
    [TestCase(257, 300)]
    [TestCase(129, 768)]
    public void TakesManyRows(int rows, int columns) =>
        Check($"{rows} x {columns}", bench => Run(bench, rows, columns, WriteMode.Accumulate));

    private static void Run(Bench bench, int rows, int columns, WriteMode mode)
    {
        Tensor source = bench.Activation(new(rows, columns));
        Tensor sums = bench.Destination(new(columns), mode);
        bench.Backend.SumRows(sums, source, mode);
        bench.Expect("sums", sums, Tolerance.Sum(rows + 1));
    }
}
