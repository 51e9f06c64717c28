using BiPE.Core.Tensors;
using BiPE.Cuda.CuBlas;

namespace BiPE.Cuda;

/// <summary>The CUDA backend as a choice of <c>--backend</c>.</summary>
public sealed class CudaBackendProvider : IBackendProvider
{
    /// <inheritdoc/>
    public string Name => "cuda";

    /// <inheritdoc/>
    public BackendProbe Probe()
    {
        IReadOnlyList<string> devices = CudaDevices.Describe(out string problem);
        if (devices.Count == 0)
        {
            return new BackendProbe(false, problem);
        }

        return CuBlasLibrary.TryFind(out string? path, out string? missing)
            ? new BackendProbe(true, devices[0]) { Details = [.. devices, $"cuBLAS: {path}"] }
            : new BackendProbe(false, missing) { Details = devices };
    }

    /// <inheritdoc/>
    public ITensorBackend Create(BackendOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return CudaBackend.Open(options.Device, PrecisionOf(options.Precision));
    }

    /// <summary>What is computed in if the user says so, or says nothing.</summary>
    /// <param name="precision">The user's choice.</param>
    internal static CudaPrecision PrecisionOf(ComputePrecision precision) => precision switch
    {
        ComputePrecision.Float32 => CudaPrecision.Float32,
        ComputePrecision.TensorFloat32 => CudaPrecision.TensorFloat32,
        _ => CudaPrecision.BFloat16,
    };
}
