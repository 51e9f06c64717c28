using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class ScatterAddRowsTests(BackendFixture fixture) : OperationTests(fixture)
{
    [Test]
    public void MatchesTheDefinition([ValueSource(nameof(Widths))] int columns, [Values] WriteMode mode) => Check($"columns {columns}, {mode}", bench =>
        Run(bench, 7, 20, columns, -1, mode));

    [Test]
    public void LeavesTheSkippedRowOut([Values] WriteMode mode, [Values(0, 3, 5)] int skipped) => Check($"skipped {skipped}, {mode}", bench =>
        Run(bench, 6, 40, 33, skipped, mode));

    [Test]
    public void AddsEveryRowToOneId([Values] WriteMode mode) => Check($"one id, {mode}", bench => Run(bench, 1, 500, 19, -1, mode));

    [TestCase(50, 2000, 37)]
    [TestCase(1000, 300, 64)]
    [TestCase(300, 0, 5)]
    [TestCase(64, 512, 768)]
    public void TakesManyRows(int vocabulary, int rows, int columns) => Check($"{vocabulary}, {rows} x {columns}", bench =>
        Run(bench, vocabulary, rows, columns, vocabulary - 1, WriteMode.Overwrite));

    private static void Run(Bench bench, int vocabulary, int rows, int columns, int skipped, WriteMode mode)
    {
        Tensor source = bench.Activation(new(rows, columns));
        Tensor ids = bench.Integers(new(rows), vocabulary);
        Tensor table = bench.Destination(new(vocabulary, columns), mode);
        bench.Backend.ScatterAddRows(table, source, ids, skipped, mode);
        bench.Expect("table", table, Tolerance.Sum(rows + 1));
    }
}
