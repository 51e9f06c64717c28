using System.Collections.Concurrent;
using BiPE.Core.Tensors;
using BiPE.Cuda;

namespace BiPE.Testing;

/// <summary>The CUDA backend on a simulated device, with every kernel as a real one runs it, but for the matrix products by cuBLAS.</summary>
public static class SimulatedCuda
{
    private static readonly ConcurrentDictionary<CudaPrecision, Lazy<ITensorBackend>> Opened = new();

    /// <summary>Opens the fastest simulated device: one warp of two threads. Larger ones cost more than they show.</summary>
    /// <param name="precision">What to compute in.</param>
    public static ITensorBackend Open(CudaPrecision precision) => CudaBackend.OpenSimulated(precision, warpSize: 2, warps: 1);

    /// <summary>A device for many fixtures in turn, since opening one and compiling its kernels takes as long as many of their tests.</summary>
    /// <param name="precision">What to compute in.</param>
    public static ITensorBackend Shared(CudaPrecision precision) => Opened.GetOrAdd(precision, _ => new(() => Open(precision))).Value;

    /// <summary>Closes what is shared.</summary>
    public static void CloseShared()
    {
        foreach (Lazy<ITensorBackend> backend in Opened.Values)
        {
            backend.Value.Dispose();
        }

        Opened.Clear();
    }
}
