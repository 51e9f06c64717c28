using BiPE.Core.Tensors;
using BiPE.Cuda;

namespace BiPE.Testing;

/// <summary>The CUDA backend on a simulated device, with every kernel as a real one runs it, but for the matrix products by cuBLAS.</summary>
public static class SimulatedCuda
{
    /// <summary>Opens the fastest simulated device: one warp of two threads. Larger ones cost more than they show.</summary>
    /// <param name="precision">What to compute in.</param>
    public static ITensorBackend Open(CudaPrecision precision) => CudaBackend.OpenSimulated(precision, warpSize: 2, warps: 1);
}
