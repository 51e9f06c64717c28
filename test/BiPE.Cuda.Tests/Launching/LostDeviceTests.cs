using BiPE.Core;
using BiPE.Core.Tensors;
using BiPE.Cuda.Launching;
using BiPE.Cuda.Products;
using ILGPU.Runtime.Cuda;

namespace BiPE.Cuda.Tests.Launching;

public sealed class LostDeviceTests
{
    /// <summary>Without a driver there is no exception with a driver's error in it.</summary>
    private static CudaException Lost => new();

    [Test]
    public void TheMessageTellsTheErrorAndHowToGoOn() => Assert.That(DeviceFault.Of(Lost).Message, Is.EqualTo(
        "The CUDA device stopped with N/A; nothing more can be computed on it: go on from the last checkpoint, and if it happens again, check the device with nvidia-smi."));

    [Test]
    public void AProductOnALostDeviceIsASentenceAndTheRestIsGivenBackInSilence()
    {
        var backend = CudaBackend.OpenSimulated(CudaPrecision.Float32, warpSize: 2, warps: 1, multiplier: new LostMultiplier());
        Tensor a = backend.Allocate(new Shape(2, 2), ElementType.Float32);
        Assert.That(() => backend.MatMul(a, a, a), Throws.TypeOf<BipeException>().With.Message.Contains("stopped with").And.InnerException.TypeOf<CudaException>());
        Assert.That(backend.Dispose, Throws.Nothing);
    }

    [Test]
    public void AKernelThatTheDriverRefusesIsNamed() => Assert.That(
        DeviceFault.OfKernel("RmsNormKernels.Forward", new InvalidOperationException("no binary.")).Message,
        Is.EqualTo("The kernel RmsNormKernels.Forward could not be made for this CUDA device (no binary); update the NVIDIA driver, or use --backend cpu."));

    private sealed class LostMultiplier : IMatrixMultiplier
    {
        public string Name => "lost";

        public void Multiply(in MatrixProduct product) => throw Lost;

        public void Dispose() => throw Lost;
    }
}
