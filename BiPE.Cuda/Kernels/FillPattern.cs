using System.Runtime.InteropServices;

namespace BiPE.Cuda.Kernels;

/// <summary>16 bytes of the same element, one after the other.</summary>
[StructLayout(LayoutKind.Sequential, Size = Length)]
internal struct FillPattern
{
    /// <summary>Bytes.</summary>
    public const int Length = 16;

    public uint A;
    public uint B;
    public uint C;
    public uint D;

    /// <summary>The pattern of an element.</summary>
    /// <param name="value">The element, of 2, 4 or 8 bytes.</param>
    public static FillPattern Of<T>(T value)
        where T : unmanaged
    {
        FillPattern pattern = default;
        MemoryMarshal.Cast<FillPattern, T>(new Span<FillPattern>(ref pattern)).Fill(value);
        return pattern;
    }
}
