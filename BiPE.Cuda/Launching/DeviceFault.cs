using BiPE.Core;
using ILGPU.Runtime.Cuda;

namespace BiPE.Cuda.Launching;

/// <summary>What is said when the device stops, which the driver tells at whichever call comes next.</summary>
internal static class DeviceFault
{
    /// <summary>The driver's error in a sentence.</summary>
    /// <param name="error">What the driver said.</param>
    public static BipeException Of(CudaException error) => new(
        $"The CUDA device stopped with {error.Error}; nothing more can be computed on it. Go on from the last checkpoint; if it happens again, check the device with nvidia-smi.",
        error);
}
