using System.Buffers.Binary;
using System.Runtime.InteropServices;
using BiPE.Core.Checkpoints.Safetensors;

namespace BiPE.Core.Checkpoints.Pickle;

/// <summary>Reads a tensor's elements in row-major order, wherever its strides put them.</summary>
/// <param name="file">The file.</param>
/// <param name="storageOffset">First byte of the tensor's storage.</param>
/// <param name="tensor">The tensor, of a weight's type, its elements all in the file.</param>
/// <param name="isBigEndian">Whether elements are stored with their highest byte first.</param>
internal readonly struct TorchElements(MappedBytes file, long storageOffset, TorchTensor tensor, bool isBigEndian)
{
    private const int ChunkElements = 4096;

    /// <summary>Reads a range as float32.</summary>
    /// <param name="first">Index of the first element.</param>
    /// <param name="destination">Receives as many elements as it has room for.</param>
    public void Read(long first, Span<float> destination)
    {
        bool isDirect = tensor.IsContiguous && !isBigEndian;
        int size = tensor.Storage.Type.Size;
        Span<byte> scratch = isDirect ? [] : new byte[Math.Min(destination.Length, ChunkElements) * size];
        for (int done = 0; done < destination.Length; done += ChunkElements)
        {
            int count = Math.Min(destination.Length - done, ChunkElements);
            ReadOnlySpan<byte> bytes = isDirect
                ? file.Slice(storageOffset + ((tensor.Offset + first + done) * size), count * size)
                : Gather(first + done, scratch[..(count * size)]);
            Convert(bytes, destination.Slice(done, count));
        }
    }

    private void Convert(ReadOnlySpan<byte> bytes, Span<float> destination)
    {
        switch (tensor.Storage.Type.Name)
        {
            case "F32":
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(destination);
                break;
            case "F16":
                FloatConversion.ToSingle(MemoryMarshal.Cast<byte, Half>(bytes), destination);
                break;
            default:
                FloatConversion.BFloat16ToSingle(MemoryMarshal.Cast<byte, ushort>(bytes), destination);
                break;
        }
    }

    /// <summary>Collects elements from their places, lowest byte first.</summary>
    private ReadOnlySpan<byte> Gather(long first, Span<byte> destination)
    {
        int size = tensor.Storage.Type.Size;
        Span<long> index = stackalloc long[tensor.Shape.Length];
        long remaining = first;
        for (int axis = index.Length - 1; axis >= 0; axis--)
        {
            (remaining, index[axis]) = Math.DivRem(remaining, tensor.Shape[axis]);
        }

        for (int at = 0; at < destination.Length; at += size)
        {
            long element = tensor.Offset;
            for (int axis = 0; axis < index.Length; axis++)
            {
                element += index[axis] * tensor.Strides[axis];
            }

            file.Slice(storageOffset + (element * size), size).CopyTo(destination[at..]);
            for (int axis = index.Length - 1; axis >= 0 && ++index[axis] == tensor.Shape[axis]; axis--)
            {
                index[axis] = 0;
            }
        }

        if (isBigEndian && size == sizeof(uint))
        {
            Span<uint> words = MemoryMarshal.Cast<byte, uint>(destination);
            BinaryPrimitives.ReverseEndianness(words, words);
        }
        else if (isBigEndian)
        {
            Span<ushort> words = MemoryMarshal.Cast<byte, ushort>(destination);
            BinaryPrimitives.ReverseEndianness(words, words);
        }

        return destination;
    }
}
