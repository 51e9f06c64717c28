using BiPE.Core.Tensors;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu;

/// <summary>Settings of the CPU backend.</summary>
public sealed record CpuBackendOptions
{
    /// <summary>Threads that compute; 0, or any number above it, for as many as there are processors.</summary>
    public int Threads { get; init; }

    /// <summary>Width of vectors; null for the widest of the machine.</summary>
    public SimdWidth? Width { get; init; }

    /// <summary>Element type of the matrices of models that only evaluate: float32, or bfloat16 for half of their memory.</summary>
    public ElementType FrozenType { get; init; } = ElementType.Float32;

    /// <summary>For tests: new memory is filled with NaN, and writing beyond a tensor's end is found when it is released.</summary>
    public bool ChecksMemory { get; init; }
}
