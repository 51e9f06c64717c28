using BiPE.Core.Tensors;
using BiPE.Testing;
using BiPE.Testing.Ptx;

namespace BiPE.Cuda.Tests.Kernels;

/// <summary>The product kernel in every form, around the edges of its tiles: as a method of C# and in the PTX that a device gets.</summary>
[TestFixture(CudaPrecision.Float32, false)]
[TestFixture(CudaPrecision.BFloat16, false)]
[TestFixture(CudaPrecision.Float32, true)]
[TestFixture(CudaPrecision.BFloat16, true)]
public sealed class ProductKernelTests(CudaPrecision precision, bool isPtx)
{
    private ValidatingBackend _backend = null!;

    [OneTimeSetUp]
    public void Open() => _backend = new ValidatingBackend(isPtx
        ? PtxCuda.Open(precision, usesProductKernel: true)
        : CudaBackend.OpenSimulated(precision, warpSize: 2, warps: 1, usesProductKernel: true));

    [OneTimeTearDown]
    public void Close() => _backend.Dispose();

    [TestCase(1, 1, 1)]
    [TestCase(3, 4, 15)]
    [TestCase(4, 5, 16)]
    [TestCase(5, 3, 17)]
    [TestCase(9, 70, 33)]
    [TestCase(66, 13, 50)]
    public void MatchesTheDefinition(int m, int n, int k)
    {
        for (int form = 0; form < 8; form++)
        {
            var options = new MatMulOptions
            {
                TransposeA = (form & 1) != 0, TransposeB = (form & 2) != 0, Mode = (WriteMode)(form >> 2), Alpha = 1 - (0.25 * form),
            };
            Check($"{m} x {n} x {k}, form {form}", bench =>
            {
                Tensor a = bench.Activation(options.TransposeA ? new(2, k, m) : new(2, m, k));
                Tensor b = bench.Activation(options.TransposeB ? new(2, n, k) : new(2, k, n));
                Tensor product = bench.Destination(new(2, m, n), options.Mode);
                Tensor gradient = bench.StatisticDestination(new(m, n), options.Mode);
                bench.Backend.BatchedMatMul(product, a, b, options);
                bench.Backend.MatMul(gradient, a.Slice(0, 1).AsRows(), b.Slice(0, 1).AsRows(), options);
                bench.Expect("products", product, Tolerance.Sum(k));
                bench.Expect("product in float32", gradient, Tolerance.Sum(k));
            });
        }
    }

    [Test]
    public void RoundsFloat32FactorsToABFloat16Result() => Check("mixed types", bench =>
    {
        Tensor product = bench.Destination(new(9, 11));
        bench.Backend.MatMul(product, bench.Statistic(new(9, 20)), bench.Statistic(new(20, 11)));
        bench.Expect("product", product, Tolerance.Sum(20));
    });

    private void Check(string name, Action<Bench> operation) => Conformance.Check(_backend, null, $"product kernel, {precision}, {name}", operation);
}
