using BiPE.Cuda.Products;

namespace BiPE.Cuda.Tests;

public sealed class CudaBackendTests
{
    [TestCase(CudaPrecision.BFloat16, "BFloat16")]
    [TestCase(CudaPrecision.Float32, "Float32")]
    [TestCase(CudaPrecision.TensorFloat32, "Float32, products TF32")]
    public void PrecisionsAreToldApart(CudaPrecision precision, string expected)
    {
        using CudaBackend backend = CudaBackend.OpenSimulated(precision, warpSize: 2, warps: 1);
        Assert.That(backend.Info.EvaluationPrecision, Is.EqualTo(expected));
        Assert.That(backend.Info.TrainingPrecision, Is.EqualTo(expected));
    }

    [Test]
    public void DisposedTwiceGivesBackOnce()
    {
        var multiplier = new CountingMultiplier();
        CudaBackend backend = CudaBackend.OpenSimulated(CudaPrecision.Float32, warpSize: 2, warps: 1, multiplier: multiplier);
        backend.Dispose();
        Assert.That(backend.Dispose, Throws.Nothing);
        Assert.That(multiplier.Disposals, Is.EqualTo(1));
    }

    private sealed class CountingMultiplier : IMatrixMultiplier
    {
        public string Name => "counting";

        public int Disposals { get; private set; }

        public void Multiply(in MatrixProduct product) => throw new NotSupportedException();

        public void Dispose() => Disposals++;
    }
}
