using BiPE.Core.Tensors;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu;

/// <summary>The CPU backend as a choice of <c>--backend</c>.</summary>
public sealed class CpuBackendProvider : IBackendProvider
{
    /// <inheritdoc/>
    public string Name => "cpu";

    /// <inheritdoc/>
    public BackendProbe Probe() => new(true, $"{Environment.ProcessorCount} processors, vectors of {Describe(SimdWidths.Widest)}");

    /// <inheritdoc/>
    public ITensorBackend Create(BackendOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new CpuBackend(new CpuBackendOptions
        {
            Threads = options.Threads,
            FrozenType = options.Precision == ComputePrecision.BFloat16 ? ElementType.BFloat16 : ElementType.Float32,
        });
    }

    internal static string Describe(SimdWidth width) => width switch
    {
        SimdWidth.Bits512 => "512 bits",
        SimdWidth.Bits256 => "256 bits",
        SimdWidth.Bits128 => "128 bits",
        _ => "one element",
    };
}
