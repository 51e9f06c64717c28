namespace BiPE.Cuda.Tests;

public sealed class CudaBackendTests
{
    [TestCase(CudaPrecision.BFloat16, "BFloat16")]
    [TestCase(CudaPrecision.Float32, "Float32")]
    [TestCase(CudaPrecision.TensorFloat32, "Float32, products TF32")]
    public void EvaluationsTellPrecisionsApart(CudaPrecision precision, string expected)
    {
        using CudaBackend backend = CudaBackend.OpenSimulated(precision, warpSize: 2, warps: 1);
        Assert.That(backend.Info.EvaluationPrecision, Is.EqualTo(expected));
    }
}
