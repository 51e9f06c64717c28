using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class FreezeFactorTests(BackendFixture fixture) : OperationTests(fixture)
{
    // Rows that fill panels and vectors of every width, some of them or none.
    private static readonly int[] FactorRows = [3, 16, 24, 48, 50, 112, 144, 200];

    private static readonly MatMulOptions Transposed = new() { TransposeB = true };

    /// <summary>Whether factors have a narrower type than activations: both, where the backend has such a type.</summary>
    private bool[] Narrowness => Backend.Info.FrozenType == Backend.Info.ActivationType ? [false] : [false, true];

    [TestCaseSource(nameof(FactorRows))]
    public void ProductsMatchTheDefinition(int rows)
    {
        foreach (bool isNarrow in Narrowness)
        {
            foreach (int m in (int[])[1, 5, 8, 11, 16, 33])
            {
                foreach (int k in (int[])[1, 37, 800])
                {
                    Check($"{m} x {rows} x {k}, {isNarrow}", bench => Run(bench, m, rows, k, 0, rows, Transposed, isNarrow));
                }
            }
        }
    }

    [TestCaseSource(nameof(FactorRows))]
    public void SlicesOfRowsMatchTheDefinition(int rows)
    {
        foreach (bool isNarrow in Narrowness)
        {
            for (int first = 0; first < rows; first += 1 + (rows / 5))
            {
                foreach (int count in (int[])[1, (rows - first + 1) / 2, rows - first])
                {
                    Check($"rows {first} and {count} on of {rows}, {isNarrow}", bench => Run(bench, 9, rows, 37, first, count, Transposed, isNarrow));
                }
            }
        }
    }

    [Test]
    public void TakesTransposesFactorsAndModes([Values] bool transposeA, [Values] WriteMode mode, [Values(1.0, -0.5)] double alpha)
    {
        foreach (bool isNarrow in Narrowness)
        {
            Check($"{transposeA}, {mode}, {alpha}, {isNarrow}", bench => Run(
                bench, 40, 144, 70, 20, 100, new MatMulOptions { TransposeA = transposeA, TransposeB = true, Mode = mode, Alpha = alpha }, isNarrow));
        }
    }

    [Test]
    public void LongInnerDimensionsAreReadInBlocks([Values(40, 70)] int m, [Values] bool transposeA, [Values(0, 20)] int first)
    {
        foreach (bool isNarrow in Narrowness)
        {
            Check($"{m} x 144 x 1100, {transposeA}, from {first}, {isNarrow}", bench => Run(
                bench, m, 144, 1100, first, 144 - (2 * first), new MatMulOptions { TransposeA = transposeA, TransposeB = true }, isNarrow));
        }
    }

    [Test]
    public void ProductsWithNarrowMatricesThatAreNotFrozenMatchTheDefinition([Values(1, 9, 40)] int m, [Values] bool transposeA)
    {
        foreach ((int rows, int columns) in ((int, int)[])[(3, 1), (50, 37), (112, 70), (144, 1100)])
        {
            Check($"{m} x {rows} x {columns}, {transposeA}, not frozen", bench => Run(
                bench, m, rows, columns, rows / 3, rows - (rows / 3), new MatMulOptions { TransposeA = transposeA, TransposeB = true }, isNarrow: true,
                isFrozen: false));
        }
    }

    [Test]
    public void ElementsAreReadAsTheyWereWritten()
    {
        foreach ((int rows, bool isNarrow) in FactorRows.SelectMany(rows => Narrowness.Select(isNarrow => (rows, isNarrow))))
        {
            Tensor factor = Factor(new Bench(Backend, seed: rows), rows, 37, isNarrow);
            double[] before = Backend.ReadDoubles(factor);
            Backend.FreezeFactor(factor);
            Backend.FreezeFactor(factor);
            int start = rows / 2 * 37;
            Assert.That(Backend.ReadDoubles(factor), Is.EqualTo(before));
            Assert.That(Backend.ReadDoubles(factor.Slice(rows / 2, 1)), Is.EqualTo(before[start..(start + 37)]));
            Assert.That(Backend.ReadDoubles(factor.Reshape(rows * 37).Slice(30, 50)), Is.EqualTo(before[30..80]), "a run that begins and ends within rows");
            Backend.Release(factor);
        }
    }

    [Test]
    public void FactorsWithoutColumnsAreFrozenToo([Values] WriteMode mode)
    {
        foreach (bool isNarrow in Narrowness)
        {
            Check($"no columns, {mode}, {isNarrow}", bench => Run(bench, 5, 48, 0, 0, 48, new MatMulOptions { TransposeB = true, Mode = mode }, isNarrow));
            Tensor factor = Factor(new Bench(Backend, seed: 1), 48, 0, isNarrow);
            Backend.FreezeFactor(factor);
            Assert.That(Backend.ReadDoubles(factor), Is.Empty);
            Backend.Release(factor);
        }
    }

    private static void Run(
        Bench bench, int m, int rows, int k, int first, int count, MatMulOptions options, bool isNarrow, bool isFrozen = true)
    {
        Tensor a = bench.Activation(options.TransposeA ? new(k, m) : new(m, k));
        Tensor factor = Factor(bench, rows, k, isNarrow);
        Tensor product = bench.Destination(new(m, count), options.Mode);
        if (isFrozen)
        {
            bench.Backend.FreezeFactor(factor);
        }

        bench.Backend.MatMul(product, a, factor.Slice(first, count), options);
        bench.Expect($"product of {m} rows", product, Tolerance.Sum(k + 1, Math.Max(1, Math.Abs(options.Alpha))));
        bench.Backend.Release(factor);
    }

    /// <summary>All of an allocation, as a factor must be; a narrow one has values that bfloat16 holds.</summary>
    private static Tensor Factor(Bench bench, int rows, int columns, bool isNarrow)
    {
        BackendInfo info = bench.Backend.Info;
        Tensor factor = bench.Backend.Allocate(new(rows, columns), isNarrow ? info.FrozenType : info.ActivationType);
        double[] values = bench.Values(factor.Count);
        bench.Backend.WriteDoubles(factor, isNarrow ? Array.ConvertAll(values, Bench.AsBFloat16) : values);
        return factor;
    }
}
