namespace BiPE.Core.Tensors;

/// <summary>Bfloat16 numbers as their 16 bits: the upper half of a float32.</summary>
public static class BFloat16Bits
{
    /// <summary>The number the bits stand for.</summary>
    /// <param name="bits">Sign, eight exponent bits, seven mantissa bits.</param>
    public static float ToSingle(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>Bits of the nearest bfloat16, ties to even; NaN stays NaN.</summary>
    /// <param name="value">Any number.</param>
    public static ushort FromSingle(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value)
            ? (ushort)((bits >> 16) | 0x40)
            : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
