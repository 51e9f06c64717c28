using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Cuda.Tests.Kernels;

/// <summary>
/// Kernels in which threads work together, on simulated devices with larger groups than the conformance suite's: warps of 32 as
/// real ones have them, and several warps that meet at barriers and in shared memory.
/// </summary>
[TestFixture(32, 1)]
[TestFixture(4, 4)]
public sealed class GroupTests(int warpSize, int warps)
{
    private ValidatingBackend _backend = null!;

    [OneTimeSetUp]
    public void Open() => _backend = new ValidatingBackend(CudaBackend.OpenSimulated(CudaPrecision.Float32, warpSize, warps, usesProductKernel: true));

    [OneTimeTearDown]
    public void Close() => _backend.Dispose();

    [TestCase(3, 5, 7)]
    [TestCase(33, 18, 20)]
    public void MatMul(int m, int n, int k) => Check($"MatMul {m} x {n} x {k}", bench =>
    {
        Tensor product = bench.Destination(new(m, n));
        bench.Backend.MatMul(product, bench.Activation(new(m, k)), bench.Activation(new(n, k)), new MatMulOptions { TransposeB = true });
        bench.Expect("product", product, Tolerance.Sum(k));
    });

    [Test]
    public void RmsNorm() => Check("RmsNorm", bench =>
    {
        Tensor result = bench.Destination(new(5, 300));
        Tensor inverse = bench.StatisticDestination(new(5));
        bench.Backend.RmsNorm(result, inverse, bench.Activation(new(5, 300)), bench.Activation(new(300)), 1e-5);
        bench.Expect("result", result, new Tolerance(30));
        bench.Expect("inverse", inverse, new Tolerance(30));
    });

    [Test]
    public void CrossEntropy() => Check("CrossEntropy", bench =>
    {
        Tensor logits = bench.Activation(new(4, 517), 3);
        Tensor losses = bench.StatisticDestination(new(4));
        bench.Backend.CrossEntropy(losses, logits, bench.Integers(new(4), [0, 300, -1, 516]), new CrossEntropyOptions(-1, true, 0.25));
        bench.Expect("losses", losses, new Tolerance(20, 12));
        bench.Expect("gradient", logits, new Tolerance(32, 3));
    });

    [Test]
    public void SoftmaxAndRunningSums() => Check("SoftmaxRows", bench =>
    {
        Tensor scores = bench.Activation(new(3, 130), 2);
        Tensor sums = bench.Activation(new(3, 70));
        bench.Backend.SoftmaxRows(scores, scores, causal: true);
        bench.Backend.CumulativeSum(sums, sums, fromEnd: false);
        bench.Expect("weights", scores, new Tolerance(32));
        bench.Expect("sums", sums, Tolerance.Sum(70));
    });

    [Test]
    public void SumOfSquares() => Check("SumOfSquares", bench =>
    {
        Tensor sum = bench.StatisticDestination(new(1));
        bench.Backend.SumOfSquares(sum, [bench.Activation(new(20_000)), bench.Activation(new(3))]);
        bench.Expect("sum", sum, new Tolerance(4));
    });

    [Test]
    public void ScatterAddRows() => Check("ScatterAddRows", bench =>
    {
        Tensor table = bench.Destination(new(6, 1100));
        bench.Backend.ScatterAddRows(table, bench.Activation(new(20, 1100)), bench.Integers(new(20), 6), 2, WriteMode.Overwrite);
        bench.Expect("table", table, Tolerance.Sum(20));
    });

    [Test]
    public void Attention() => Check("Attention", bench =>
    {
        Tensor packed = bench.Activation(new(1, 34, 4, 8));
        Tensor output = bench.Destination(new(1, 34, 2, 8));
        Tensor logSumExp = bench.StatisticDestination(new(1, 2, 34));
        Tensor gradient = bench.Destination(packed.Shape);
        Tensor slopes = bench.Statistic(new(2), [0.5, 0.25]);
        AttentionArguments arguments = AttentionArguments.FromPacked(packed, 2, 1, 0.25) with
        {
            Bias = new AttentionBias(AttentionBiasKind.PerKey, slopes, bench.Integers(new(1, 34), [.. Enumerable.Range(0, 34)])),
        };
        bench.Backend.Attention(output, logSumExp, arguments);
        bench.Backend.AttentionBackward(new(gradient, WriteMode.Overwrite), bench.Activation(output.Shape), output, logSumExp, arguments);
        bench.Expect("output", output, new Tolerance(64, 2));
        bench.Expect("log-sum-exp", logSumExp, new Tolerance(64, 8));
        bench.Expect("gradient", gradient, new Tolerance(80, 12));
    });

    private void Check(string name, Action<Bench> operation) => Conformance.Check(_backend, null, $"groups of {warpSize} x {warps}, {name}", operation);
}
