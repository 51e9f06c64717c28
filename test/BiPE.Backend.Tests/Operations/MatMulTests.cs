using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class MatMulTests(BackendFixture fixture) : OperationTests(fixture)
{
    private static readonly int[] BlockEdges = [63, 64, 65, 95, 96, 97, 127, 128, 129, 130, 255, 256, 257, 258, 383, 384, 385];

    [Test]
    public void MatchesTheDefinitionAtEverySize([Range(1, 70)] int size)
    {
        CheckAllForms(size, (size * 7 % 70) + 1, (size * 13 % 70) + 1);
        CheckAllForms((size * 11 % 70) + 1, size, (size * 17 % 70) + 1);
        CheckAllForms((size * 3 % 20) + 1, (size * 19 % 20) + 1, size);
    }

    [TestCaseSource(nameof(BlockEdges))]
    public void MatchesTheDefinitionAroundBlockEdges(int edge)
    {
        CheckAllForms(edge, 19, 6);
        CheckAllForms(7, edge, 18);
        CheckAllForms(9, 17, edge);
        CheckAllForms(edge, edge, 3);
    }

    [TestCase(1, 1, 1)]
    [TestCase(1, 1, 300)]
    [TestCase(1, 200, 65)]
    [TestCase(200, 1, 65)]
    [TestCase(1, 385, 257)]
    [TestCase(131, 1, 1000)]
    [TestCase(5, 9, 2500)]
    [TestCase(200, 130, 257)]
    [TestCase(130, 520, 70)]
    [TestCase(3, 2000, 40)]
    public void MatchesTheDefinitionForThinAndLargeProducts(int m, int n, int k) => CheckAllForms(m, n, k);

    [Test]
    public void MatchesTheDefinitionOverSeveralBlocksOfEveryAxis() => Check("several blocks", bench =>
        Run(bench, 290, 610, 530, new MatMulOptions { TransposeB = true }));

    [Test]
    public void OverwritesWithZerosWhenThereIsNothingToAdd([Values] WriteMode mode) => Check($"K = 0, {mode}", bench =>
        Run(bench, 5, 7, 0, new MatMulOptions { Mode = mode }));

    [TestCase(0, 4, 3)]
    [TestCase(4, 0, 3)]
    [TestCase(0, 0, 0)]
    public void TakesEmptyMatrices(int m, int n, int k) => CheckAllForms(m, n, k);

    [Test]
    public void ScalesTheProduct(
        [Values(0.0, -1.0, 0.125, 3.7)] double alpha, [Values] WriteMode mode) =>
        Check($"alpha {alpha}, {mode}", bench => Run(bench, 23, 37, 41, new MatMulOptions { Alpha = alpha, Mode = mode }));

    [Test]
    public void MatchesTheDefinitionAtRandomSizes([Range(1, 30)] int number) => Check($"random case {number}", bench =>
    {
        int m = 1 + bench.Random.Next(150);
        int n = 1 + bench.Random.Next(150);
        int k = bench.Random.Next(150);
        Run(bench, m, n, k, new MatMulOptions
        {
            TransposeA = bench.Random.Next(2) == 0,
            TransposeB = bench.Random.Next(2) == 0,
            Mode = (WriteMode)bench.Random.Next(2),
            Alpha = 2 - bench.Random.NextDouble(),
        });
    });

    [Test]
    public void DoesNotScaleNotANumbersAway() => Check("special values", bench =>
    {
        double[] values = bench.Values(6 * 5);
        values[7] = double.NaN;
        values[18] = double.PositiveInfinity;
        Tensor a = bench.Activation(new(6, 5), values);
        Tensor b = bench.Activation(new(5, 33), [.. Enumerable.Repeat(1.0, 5 * 33)]);
        Tensor product = bench.Destination(new(6, 33));
        bench.Backend.MatMul(product, a, b);
        bench.Expect("product", product, Tolerance.Sum(5));
    });

    [Test]
    public void WorksOnSlices() => Check("slices", bench =>
    {
        Tensor a = bench.Activation(new(40, 31));
        Tensor b = bench.Activation(new(50, 31));
        Tensor product = bench.Destination(new(20, 17), WriteMode.Accumulate);
        bench.Backend.MatMul(product.Slice(3, 11), a.Slice(5, 11), b.Slice(29, 17), new MatMulOptions { TransposeB = true });
        bench.Expect("product", product, Tolerance.Sum(31));
    });

    private void CheckAllForms(int m, int n, int k)
    {
        foreach (bool transposeA in (bool[])[false, true])
        {
            foreach (bool transposeB in (bool[])[false, true])
            {
                // Accumulation alternates with the shape, so that both modes meet every size in some form.
                WriteMode mode = Modes[(m + n + k + (transposeA ? 1 : 0)) % 2];
                var options = new MatMulOptions { TransposeA = transposeA, TransposeB = transposeB, Mode = mode };
                Check($"{m} x {n} x {k}, {transposeA}, {transposeB}", bench => Run(bench, m, n, k, options));
            }
        }
    }

    private static void Run(Bench bench, int m, int n, int k, MatMulOptions options)
    {
        Tensor a = bench.Activation(options.TransposeA ? new(k, m) : new(m, k));
        Tensor b = bench.Activation(options.TransposeB ? new(n, k) : new(k, n));
        Tensor product = bench.Destination(new(m, n), options.Mode);
        bench.Backend.MatMul(product, a, b, options);
        bench.Expect("product", product, Tolerance.Sum(k + 1, Math.Max(1, Math.Abs(options.Alpha))));
    }
}
