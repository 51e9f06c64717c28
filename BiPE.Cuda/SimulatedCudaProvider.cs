using BiPE.Core.Tensors;

namespace BiPE.Cuda;

/// <summary>
/// The CUDA backend on a simulated device: every kernel as a real device runs it, with products on the host in place of cuBLAS. It is
/// for checks on machines without a device, and far too slow for anything else.
/// </summary>
public sealed class SimulatedCudaProvider : IBackendProvider
{
    /// <inheritdoc/>
    public string Name => "cuda-simulated";

    /// <inheritdoc/>
    public BackendProbe Probe() => new(true, "the CUDA backend's kernels on the processor, for checks");

    /// <inheritdoc/>
    public ITensorBackend Create(BackendOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);

        // The fastest there is to simulate: one warp of two threads. Larger ones cost more than they show.
        return CudaBackend.OpenSimulated(CudaBackendProvider.PrecisionOf(options.Precision, device: null), warpSize: 2, warps: 1);
    }
}
