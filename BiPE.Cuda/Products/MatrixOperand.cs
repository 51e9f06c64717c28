using BiPE.Core.Tensors;
using BiPE.Cuda.Memory;

namespace BiPE.Cuda.Products;

/// <summary>A group of equally large row-major matrices in one buffer.</summary>
/// <param name="Buffer">Memory.</param>
/// <param name="Type">Float32 or bfloat16.</param>
/// <param name="Offset">First element of the first matrix.</param>
/// <param name="Leading">Elements from one row to the next.</param>
/// <param name="Stride">Elements from one matrix to the next.</param>
/// <param name="IsTransposed">Whether the product reads its rows as columns.</param>
internal readonly record struct MatrixOperand(
    CudaBuffer Buffer, ElementType Type, long Offset, int Leading, long Stride = 0, bool IsTransposed = false)
{
    /// <summary>Address of the first element on the device.</summary>
    public nint Address => Buffer.Address + (nint)(Offset * Type.ByteSize());
}
