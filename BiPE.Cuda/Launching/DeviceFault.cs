using BiPE.Core;
using ILGPU.Runtime.Cuda;

namespace BiPE.Cuda.Launching;

/// <summary>What is said when the device stops, which the driver tells at whichever call comes next.</summary>
internal static class DeviceFault
{
    /// <summary>The driver's error in a sentence.</summary>
    /// <param name="error">What the driver said.</param>
    public static BipeException Of(CudaException error) => new(
        $"The CUDA device stopped with {error.Error}; nothing more can be computed on it: go on from the last checkpoint, and if it happens again, check the device with nvidia-smi.",
        error);

    /// <summary>A kernel that the driver refuses, in a sentence.</summary>
    /// <param name="kernel">Its name.</param>
    /// <param name="error">What the driver said.</param>
    public static BipeException OfKernel(string kernel, Exception error) => new(
        $"The kernel {kernel} could not be made for this CUDA device ({error.Message.TrimEnd('.')}); update the NVIDIA driver, or use --backend cpu.",
        error);

    /// <summary>Gives something back to a device that may be lost, where another error would hide the first.</summary>
    /// <param name="resource">What is given back.</param>
    public static void Dispose(IDisposable resource)
    {
        try
        {
            resource.Dispose();
        }
        catch (CudaException)
        {
            // The memory of a lost device goes with it.
        }
    }
}
