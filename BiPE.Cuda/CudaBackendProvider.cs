using BiPE.Core;
using BiPE.Core.Tensors;
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace BiPE.Cuda;

/// <summary>The CUDA backend's place in the house: it looks for devices and says plainly that it does not compute on them yet.</summary>
public sealed class CudaBackendProvider : IBackendProvider
{
    /// <inheritdoc/>
    public string Name => "cuda";

    /// <inheritdoc/>
    public BackendProbe Probe()
    {
        string? device = FirstDevice();
        return new BackendProbe(
            IsAvailable: false,
            device is null ? "no CUDA device found" : $"found {device}, but this version computes on the CPU only");
    }

    /// <inheritdoc/>
    public ITensorBackend Create(BackendOptions options) =>
        throw new BipeException($"The backend 'cuda' cannot be used: {Probe().Description}; use --backend cpu.");

    private static string? FirstDevice()
    {
        try
        {
            using Context context = Context.Create(builder => builder.Cuda());
            return context.GetCudaDevices().Count == 0 ? null : context.GetCudaDevice(0).Name;
        }
        catch (Exception e) when (e is NotSupportedException or DllNotFoundException or CudaException or InvalidOperationException)
        {
            // Without an NVIDIA driver ILGPU refuses to open its CUDA side.
            return null;
        }
    }
}
