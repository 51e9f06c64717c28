using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace BiPE.Core.Checkpoints.Safetensors;

/// <summary>Conversions between the floating-point types of files and float32.</summary>
internal static class FloatConversion
{
    public static void ToSingle(ReadOnlySpan<Half> source, Span<float> destination) =>
        TensorPrimitives.ConvertToSingle(source, destination);

    public static void ToSingle(ReadOnlySpan<double> source, Span<float> destination) =>
        TensorPrimitives.ConvertTruncating(source, destination);

    public static void ToHalf(ReadOnlySpan<float> source, Span<Half> destination) =>
        TensorPrimitives.ConvertToHalf(source, destination);

    public static void BFloat16ToSingle(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        var target = MemoryMarshal.Cast<float, uint>(destination);
        int i = 0;
        for (; i <= source.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(source[i..]), out var low, out var high);
            (low << 16).CopyTo(target[i..]);
            (high << 16).CopyTo(target[(i + Vector<uint>.Count)..]);
        }

        for (; i < source.Length; i++)
        {
            target[i] = (uint)source[i] << 16;
        }
    }

    /// <summary>Rounds to nearest, ties to even; a NaN stays one.</summary>
    public static void ToBFloat16(ReadOnlySpan<float> source, Span<ushort> destination)
    {
        for (int i = 0; i < source.Length; i++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(source[i]);
            uint rounded = bits + 0x7FFF + ((bits >> 16) & 1);
            destination[i] = (ushort)((float.IsNaN(source[i]) ? bits | 0x0040_0000 : rounded) >> 16);
        }
    }
}
