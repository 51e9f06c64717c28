using BiPE.Core.Tensors;
using BiPE.Cpu;
using BiPE.Testing;

namespace BiPE.Core.Tests;

/// <summary>The backends that whole-model tests run on.</summary>
internal static class TestBackends
{
    public static readonly string[] Names = ["reference", "cpu"];

    public static ITensorBackend Create(string name) => name switch
    {
        "reference" => new ReferenceBackend(),
        "cpu" => new CpuBackend(new CpuBackendOptions { Threads = 2 }),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "Unknown backend."),
    };
}
