using BiPE.Core.Tensors;

namespace BiPE.Cpu;

/// <summary>Memory of one tensor on the CPU, aligned to 64 bytes.</summary>
internal sealed unsafe class CpuBuffer(byte* start, long byteLength, int sizeClass) : TensorBuffer(byteLength)
{
    public byte* Start { get; } = start;

    public int SizeClass { get; } = sizeClass;

    /// <summary>Extents of the matrix that lies here as panels (<see cref="Kernels.FrozenFactor{TSimd, TVector}"/>); null if elements lie row-major.</summary>
    public Shape? Frozen { get; set; }
}
