using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class GatherRowsTests(BackendFixture fixture) : OperationTests(fixture)
{
    [Test]
    public void MatchesTheDefinition([ValueSource(nameof(Widths))] int columns, [Values] WriteMode mode) => Check($"columns {columns}, {mode}", bench =>
        Run(bench, 9, 14, columns, mode));

    [Test]
    public void TakesTablesOfTheTypeOfFrozenMatrices([Values(1, 31, 300, 768)] int columns, [Values] WriteMode mode) => Check($"frozen, {columns}, {mode}", bench =>
    {
        double[] values = Array.ConvertAll(bench.Values(9 * columns), Bench.AsBFloat16);
        values[columns / 2] = double.NaN;
        values[columns - 1] = double.NegativeInfinity;
        Tensor table = bench.Frozen(new(9, columns), values);
        Tensor ids = bench.Integers(new(40), 9);
        Tensor result = bench.Destination(new(40, columns), mode);
        bench.Backend.GatherRows(result, table, ids, mode);
        bench.Expect("rows", result, mode == WriteMode.Overwrite ? Tolerance.Exact : new Tolerance(1));
    });

    [TestCase(0, 5)]
    [TestCase(1, 1)]
    [TestCase(2000, 37)]
    [TestCase(300, 768)]
    public void TakesAnyNumberOfRows(int rows, int columns) => Check($"{rows} x {columns}", bench =>
        Run(bench, 50, rows, columns, WriteMode.Overwrite));

    private static void Run(Bench bench, int vocabulary, int rows, int columns, WriteMode mode)
    {
        Tensor table = bench.Activation(new(vocabulary, columns));
        Tensor ids = bench.Integers(new(rows), vocabulary);
        Tensor result = bench.Destination(new(rows, columns), mode);
        bench.Backend.GatherRows(result, table, ids, mode);
        bench.Expect("rows", result, mode == WriteMode.Overwrite ? Tolerance.Exact : new Tolerance(1));
    }

    [Test]
    public void TakesIdsOfTwoAxesAndKeepsSpecialValues() => Check("special", bench =>
    {
        Tensor table = bench.Activation(new(3, 2), [double.NaN, double.PositiveInfinity, 1e-42, -0.0, 3e38, double.NegativeInfinity]);
        Tensor ids = bench.Integers(new(2, 3), [2, 0, 1, 1, 0, 2]);
        Tensor result = bench.Destination(new(6, 2));
        bench.Backend.GatherRows(result, table, ids);
        bench.Expect("rows", result, Tolerance.Exact);
    });
}
