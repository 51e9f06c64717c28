using System.Collections.Concurrent;
using BiPE.Core.Tensors;
using BiPE.Cuda;
using ILGPU.Runtime.Cuda;

namespace BiPE.Testing.Ptx;

/// <summary>
/// The CUDA backend with every kernel in the PTX that a device would get, with warps of 32 and groups of 256 threads, on an
/// interpreter that stops at what a device would not define.
/// </summary>
public static class PtxCuda
{
    private static readonly ConcurrentDictionary<CudaPrecision, Lazy<ITensorBackend>> Opened = new();

    // Kernels take longer to compile than small cases to run; their programs do not change.
    private static readonly PtxKernelLoader Oldest = new(CudaArchitecture.SM_75, CudaInstructionSet.ISA_63);
    private static readonly PtxKernelLoader Newer = new(CudaArchitecture.SM_90, CudaInstructionSet.ISA_86);

    /// <summary>Opens it, in float32 as for compute capability 7.5 and in bfloat16, which that does not have, as for 9.0.</summary>
    /// <param name="precision">What to compute in.</param>
    /// <param name="usesProductKernel">Whether the backend's own kernel computes products; else the host does.</param>
    public static ITensorBackend Open(CudaPrecision precision, bool usesProductKernel = false) => CudaBackend.OpenSimulated(
        precision, warpSize: 2, warps: 1, usesProductKernel: usesProductKernel, kernels: precision == CudaPrecision.BFloat16 ? Newer : Oldest);

    /// <summary>One for many fixtures in turn.</summary>
    /// <param name="precision">What to compute in.</param>
    public static ITensorBackend Shared(CudaPrecision precision) =>
        Opened.GetOrAdd(precision, _ => new(() => Open(precision, usesProductKernel: true))).Value;

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
