using BiPE.Core.Tensors;
using BiPE.Cpu;
using BiPE.Cuda;
using BiPE.Testing;

namespace BiPE.Core.Tests;

/// <summary>The backends that whole-model tests run on.</summary>
internal static class TestBackends
{
    /// <summary>The CUDA backend without a device: right, and too slow for anything but the small set of golden numbers.</summary>
    public const string Simulated = "cuda, simulated";

    public static readonly string[] Names = ["reference", "cpu", Simulated];

    public static ITensorBackend Create(string name) => name switch
    {
        "reference" => new ReferenceBackend(),
        "cpu" => new CpuBackend(new CpuBackendOptions { Threads = 2 }),
        Simulated => SimulatedCuda.Open(CudaPrecision.Float32),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "Unknown backend."),
    };
}
