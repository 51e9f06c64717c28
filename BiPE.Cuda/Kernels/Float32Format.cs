using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;

namespace BiPE.Cuda.Kernels;

/// <summary>Float32, as itself.</summary>
internal readonly struct Float32Format : IFormat<float>
{
    public static float Decode(float element) => element;

    public static float Encode(float value) => value;

    public static Octet LoadWide(ArrayView<float> view, long index)
    {
        ArrayView<Quad> quads = view.Cast<Quad>().AsAligned(16);
        Quad low = quads[index / 4];
        Quad high = quads[(index / 4) + 1];
        return new Octet(low.A, low.B, low.C, low.D, high.A, high.B, high.C, high.D);
    }

    public static void StoreWide(ArrayView<float> view, long index, Octet value)
    {
        ArrayView<Quad> quads = view.Cast<Quad>().AsAligned(16);
        quads[index / 4] = new Quad { A = value.A, B = value.B, C = value.C, D = value.D };
        quads[(index / 4) + 1] = new Quad { A = value.E, B = value.F, C = value.G, D = value.H };
    }

    /// <summary>16 bytes of float32.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 16)]
    internal struct Quad
    {
        public float A;
        public float B;
        public float C;
        public float D;
    }
}
