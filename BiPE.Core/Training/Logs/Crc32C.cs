using System.Buffers.Binary;
using System.Numerics;

namespace BiPE.Core.Training.Logs;

/// <summary>CRC-32C (Castagnoli; RFC 3720, appendix B.4), the checksum of TensorBoard's records.</summary>
public static class Crc32C
{
    /// <summary>The checksum of <paramref name="data"/>.</summary>
    /// <param name="data">Any bytes.</param>
    public static uint Compute(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
        }

        foreach (byte value in data)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }

    /// <summary>
    /// The checksum as TensorFlow's record format stores it: rotated right by 15 bits plus a constant, so that a checksum of data
    /// that holds checksums stays good.
    /// </summary>
    /// <param name="data">Any bytes.</param>
    public static uint ComputeMasked(ReadOnlySpan<byte> data) => BitOperations.RotateRight(Compute(data), 15) + 0xA282EAD8;
}
