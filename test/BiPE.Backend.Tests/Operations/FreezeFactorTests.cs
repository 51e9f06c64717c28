using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class FreezeFactorTests(BackendFixture fixture) : OperationTests(fixture)
{
    // Rows that fill panels and vectors of every width, some of them or none.
    private static readonly int[] FactorRows = [3, 16, 24, 48, 50, 112, 144, 200];

    private static readonly MatMulOptions Transposed = new() { TransposeB = true };

    [TestCaseSource(nameof(FactorRows))]
    public void ProductsMatchTheDefinition(int rows)
    {
        foreach (int m in (int[])[1, 5, 8, 11, 16, 33])
        {
            foreach (int k in (int[])[1, 37, 800])
            {
                Check($"{m} x {rows} x {k}", bench => Run(bench, m, rows, k, 0, rows, Transposed));
            }
        }
    }

    [TestCaseSource(nameof(FactorRows))]
    public void SlicesOfRowsMatchTheDefinition(int rows)
    {
        for (int first = 0; first < rows; first += 1 + (rows / 5))
        {
            foreach (int count in (int[])[1, (rows - first + 1) / 2, rows - first])
            {
                Check($"rows {first} and {count} on of {rows}", bench => Run(bench, 9, rows, 37, first, count, Transposed));
            }
        }
    }

    [Test]
    public void TakesTransposesFactorsAndModes([Values] bool transposeA, [Values] WriteMode mode, [Values(1.0, -0.5)] double alpha) =>
        Check($"{transposeA}, {mode}, {alpha}", bench => Run(
            bench, 40, 144, 70, 20, 100, new MatMulOptions { TransposeA = transposeA, TransposeB = true, Mode = mode, Alpha = alpha }));

    [Test]
    public void ElementsAreReadAsTheyWereWritten() => Check("download", bench =>
    {
        foreach (int rows in FactorRows)
        {
            Tensor factor = Factor(bench, rows, 37);
            double[] before = bench.Backend.ReadDoubles(factor);
            bench.Backend.FreezeFactor(factor);
            bench.Backend.FreezeFactor(factor);
            Assert.That(bench.Backend.ReadDoubles(factor.Slice(rows / 2, 1)), Is.EqualTo(before[(rows / 2 * 37)..((rows / 2 * 37) + 37)]));
            Tensor read = bench.Destination(factor.Shape);
            bench.Backend.WriteDoubles(read, bench.Backend.ReadDoubles(factor));
            bench.Expect("elements", read, Tolerance.Sum(1));
            bench.Backend.Release(factor);
        }
    });

    private static void Run(Bench bench, int m, int rows, int k, int first, int count, MatMulOptions options)
    {
        Tensor a = bench.Activation(options.TransposeA ? new(k, m) : new(m, k));
        Tensor factor = Factor(bench, rows, k);
        Tensor product = bench.Destination(new(m, count), options.Mode);
        bench.Backend.FreezeFactor(factor);
        bench.Backend.MatMul(product, a, factor.Slice(first, count), options);
        bench.Expect("product", product, Tolerance.Sum(k + 1, Math.Max(1, Math.Abs(options.Alpha))));
        bench.Backend.Release(factor);
    }

    /// <summary>All of an allocation, as a factor must be.</summary>
    private static Tensor Factor(Bench bench, int rows, int columns)
    {
        Tensor factor = bench.Backend.Allocate(new(rows, columns), bench.Backend.Info.ActivationType);
        bench.Backend.WriteDoubles(factor, bench.Values(factor.Count));
        return factor;
    }
}
