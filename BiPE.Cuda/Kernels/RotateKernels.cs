using ILGPU;

namespace BiPE.Cuda.Kernels;

/// <summary>Rotary position encoding in place; a thread takes an octet of the first half of a head and its partners in the second.</summary>
internal static class RotateKernels
{
    /// <summary>(x1, x2) becomes (c x1 - s x2, c x2 + s x1), with the other sign of s if transposed.</summary>
    [Kernel]
    public static void Rotate<T, TFormat>(RotateKernelArguments<T> arguments)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        int half = arguments.Half;
        int octets = (half + Octet.Length - 1) / Octet.Length;
        int octetsOfRow = octets * arguments.Heads;
        long all = (long)arguments.Rows * octetsOfRow;
        for (long at = Lanes.GlobalThread; at < all; at += Lanes.ThreadCount)
        {
            long row = at / octetsOfRow;
            int rest = (int)(at - (row * octetsOfRow));
            int head = rest / octets;
            int column = (rest - (head * octets)) * Octet.Length;
            int count = half - column;
            int position = arguments.Positions[row];
            bool inside = (uint)position < (uint)arguments.TableRows;
            long tableAt = ((long)(inside ? position : 0) * half) + column;
            Octet cosine = Octets.Load<float, Float32Format>(arguments.Cosine, tableAt, count, arguments.WideTables);
            Octet sine = Octets.Load<float, Float32Format>(arguments.Sine, tableAt, count, arguments.WideTables);
            cosine = inside ? cosine : Octet.Of(float.NaN);
            sine *= arguments.Sign;
            long first = (row * arguments.RowLength) + ((long)(arguments.FirstHead + head) * arguments.HeadLength) + column;
            Octet x1 = Octets.Load<T, TFormat>(arguments.Packed, first, count, arguments.Wide);
            Octet x2 = Octets.Load<T, TFormat>(arguments.Packed, first + half, count, arguments.Wide);
            Octets.Store<T, TFormat>(arguments.Packed, first, count, arguments.Wide, (cosine * x1) - (sine * x2));
            Octets.Store<T, TFormat>(arguments.Packed, first + half, count, arguments.Wide, (cosine * x2) + (sine * x1));
        }
    }
}

/// <summary>Operands of <see cref="RotateKernels.Rotate"/>.</summary>
internal struct RotateKernelArguments<T>
    where T : unmanaged
{
    public ArrayView<T> Packed;
    public ArrayView<float> Cosine;
    public ArrayView<float> Sine;
    public ArrayView<int> Positions;
    public int Rows;
    public int RowLength;
    public int FirstHead;
    public int Heads;
    public int HeadLength;
    public int Half;
    public int TableRows;
    public float Sign;
    public int Wide;
    public int WideTables;
}
