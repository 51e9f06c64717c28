using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace BiPE.Cuda.Kernels;

/// <summary>Bfloat16, as the upper half of a float32's bits.</summary>
internal readonly struct BFloat16Format : IFormat<ushort>
{
    public static float Decode(ushort element) => Interop.IntAsFloat((uint)element << 16);

    public static ushort Encode(float value) => (ushort)Round(value);

    public static Octet LoadWide(ArrayView<ushort> view, long index)
    {
        Pairs pairs = view.Cast<Pairs>().AsAligned(16)[index / Octet.Length];
        return new Octet(
            Low(pairs.A), High(pairs.A), Low(pairs.B), High(pairs.B), Low(pairs.C), High(pairs.C), Low(pairs.D), High(pairs.D));
    }

    public static void StoreWide(ArrayView<ushort> view, long index, Octet value)
    {
        ArrayView<Pairs> pairs = view.Cast<Pairs>().AsAligned(16);
        pairs[index / Octet.Length] = new Pairs
        {
            A = Round(value.A) | (Round(value.B) << 16),
            B = Round(value.C) | (Round(value.D) << 16),
            C = Round(value.E) | (Round(value.F) << 16),
            D = Round(value.G) | (Round(value.H) << 16),
        };
    }

    /// <summary>Nearest bits, ties to even; NaN stays NaN.</summary>
    private static uint Round(float value)
    {
        uint bits = Interop.FloatAsInt(value);
        return (bits & 0x7FFFFFFFu) > 0x7F800000u ? (bits >> 16) | 0x40u : (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
    }

    private static float Low(uint pair) => Interop.IntAsFloat(pair << 16);

    private static float High(uint pair) => Interop.IntAsFloat(pair & 0xFFFF0000u);

    /// <summary>16 bytes of bfloat16: four words of two elements, the first in the lower half.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 16)]
    internal struct Pairs
    {
        public uint A;
        public uint B;
        public uint C;
        public uint D;
    }
}
