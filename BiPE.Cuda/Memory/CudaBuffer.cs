using BiPE.Core.Tensors;
using ILGPU;
using ILGPU.Runtime;

namespace BiPE.Cuda.Memory;

/// <summary>Memory of the device.</summary>
internal sealed class CudaBuffer : TensorBuffer
{
    /// <summary>Wraps memory.</summary>
    /// <param name="memory">Memory of at least the length that was asked for.</param>
    /// <param name="byteLength">Bytes that were asked for.</param>
    /// <param name="sizeClass">Where the pool takes it back.</param>
    public CudaBuffer(MemoryBuffer1D<byte, Stride1D.Dense> memory, long byteLength, int sizeClass)
        : base(byteLength)
    {
        Memory = memory;
        SizeClass = sizeClass;
        Address = memory.NativePtr;
    }

    public MemoryBuffer1D<byte, Stride1D.Dense> Memory { get; }

    public int SizeClass { get; }

    /// <summary>Address on the device.</summary>
    public nint Address { get; }
}
