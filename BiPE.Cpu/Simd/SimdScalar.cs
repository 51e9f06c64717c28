using System.Runtime.CompilerServices;
using BiPE.Core.Tensors;

namespace BiPE.Cpu.Simd;

/// <summary>"Vectors" of one element: kernels without vector instructions.</summary>
internal readonly unsafe struct SimdScalar : ISimd<SimdScalar, float>
{
    public static int Width => 1;

    public static int TileRows => 4;

    public static float Zero => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(float* source) => *source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LoadBFloat16(ushort* source) => BFloat16Bits.ToSingle(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* destination, float value) => *destination = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LoadPartial(float* source, nint count) => count > 0 ? *source : 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(float* destination, float value, nint count)
    {
        if (count > 0)
        {
            *destination = value;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Broadcast(float value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Add(float a, float b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Subtract(float a, float b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Multiply(float a, float b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Divide(float a, float b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MultiplyAdd(float a, float b, float c) => float.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Maximum(float a, float b) => a > b ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Minimum(float a, float b) => a < b ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SquareRoot(float value) => MathF.Sqrt(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Round(float value) => MathF.Round(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ScaleByPowerOfTwo(float value, float exponent)
    {
        // Two steps, each a normal power of two: the first is exact, the second rounds once, into subnormals too.
        int whole = (int)exponent;
        int first = whole >> 1;
        int second = whole - first;
        return value * BitConverter.Int32BitsToSingle((first + 127) << 23) * BitConverter.Int32BitsToSingle((second + 127) << 23);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SplitExponent(float value, out float mantissa)
    {
        int bits = BitConverter.SingleToInt32Bits(value);
        mantissa = BitConverter.Int32BitsToSingle((bits & 0x007FFFFF) | 0x3F000000);
        return (bits >> 23) - 126;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LessThan(float a, float b) => Mask(a < b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LessThanOrEqual(float a, float b) => Mask(a <= b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Equal(float a, float b) => Mask(a == b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float And(float a, float b) =>
        BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a) & BitConverter.SingleToInt32Bits(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Select(float mask, float whenSet, float otherwise) =>
        BitConverter.SingleToInt32Bits(mask) != 0 ? whenSet : otherwise;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(float value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Largest(float value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Mask(bool set) => BitConverter.Int32BitsToSingle(set ? -1 : 0);
}
