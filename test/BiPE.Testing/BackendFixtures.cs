using BiPE.Core.Tensors;
using BiPE.Cpu;
using BiPE.Cpu.Simd;
using BiPE.Cuda;
using BiPE.Testing.Ptx;
using NUnit.Framework;

namespace BiPE.Testing;

/// <summary>Every backend that must conform; a new backend is a line here.</summary>
public static class BackendFixtures
{
    /// <summary>The variable of the environment that asks, by 1, for what takes minutes: every test in the code that a device gets.</summary>
    private const string WithPtx = "BIPE_TEST_PTX";

    /// <summary>All fixtures; one that this machine can't run is ignored with its reason, never absent.</summary>
    public static IEnumerable<TestFixtureData> All()
    {
        yield return Of(new BackendFixture("reference", () => new ReferenceBackend()));
        yield return Of(new BackendFixture("default bodies", () => new DefaultBodiesBackend()));
        foreach (SimdWidth width in Enum.GetValues<SimdWidth>())
        {
            TestFixtureData cpu = Of(new BackendFixture($"cpu {width}", () => Cpu(width, threads: 2), () => Cpu(width, threads: 1)));
            yield return width <= SimdWidths.Widest ? cpu : cpu.Ignore($"This machine computes at most {SimdWidths.Widest} in hardware.");
        }

        yield return Of(new BackendFixture("cuda, simulated", () => SimulatedCuda.Shared(CudaPrecision.Float32), IsSimulated: true));
        yield return Of(new BackendFixture("cuda, simulated, bfloat16", () => SimulatedCuda.Shared(CudaPrecision.BFloat16), IsSimulated: true));
        if (Environment.GetEnvironmentVariable(WithPtx) == "1")
        {
            yield return Of(new BackendFixture("cuda, PTX", () => PtxCuda.Shared(CudaPrecision.Float32), IsSimulated: true));
            yield return Of(new BackendFixture("cuda, PTX, bfloat16", () => PtxCuda.Shared(CudaPrecision.BFloat16), IsSimulated: true));
        }
    }

    private static CpuBackend Cpu(SimdWidth width, int threads) => new(new CpuBackendOptions
    {
        Threads = threads, Width = width, FrozenType = ElementType.BFloat16,
    });

    private static TestFixtureData Of(BackendFixture fixture) => new TestFixtureData(fixture).SetArgDisplayNames(fixture.Name);
}
