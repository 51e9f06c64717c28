using ILGPU;

namespace BiPE.Cuda.Kernels;

/// <summary>Gated linear units with silu; a thread takes an octet of gate values and the up values that belong to them.</summary>
internal static class SwiGluKernels
{
    /// <summary>destination = silu(gate) * up.</summary>
    [Kernel]
    public static void Forward<T, TFormat>(SwiGluArguments<T> arguments)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        int columns = arguments.Columns;
        int octets = (columns + Octet.Length - 1) / Octet.Length;
        long all = (long)arguments.Rows * octets;
        for (long at = Lanes.GlobalThread; at < all; at += Lanes.ThreadCount)
        {
            long row = at / octets;
            int column = (int)(at - (row * octets)) * Octet.Length;
            int count = columns - column;
            long from = (row * 2 * columns) + column;
            Octet gate = Octets.Load<T, TFormat>(arguments.GateUp, from, count, arguments.Wide);
            Octet up = Octets.Load<T, TFormat>(arguments.GateUp, from + columns, count, arguments.Wide);
            Octet result = (gate * Octet.Map<Sigmoid>(gate)) * up;
            Octets.Store<T, TFormat>(arguments.Destination, (row * columns) + column, count, arguments.Wide, result);
        }
    }

    /// <summary>
    /// Gradients of gate and up, in the place of both or elsewhere; silu'(x) = sigmoid(x) (1 + x (1 - sigmoid(x))). Each thread
    /// reads all that it overwrites before it writes.
    /// </summary>
    [Kernel]
    public static void Backward<T, TFormat>(SwiGluBackwardArguments<T> arguments)
        where T : unmanaged
        where TFormat : struct, IFormat<T>
    {
        int columns = arguments.Columns;
        int octets = (columns + Octet.Length - 1) / Octet.Length;
        long all = (long)arguments.Rows * octets;
        for (long at = Lanes.GlobalThread; at < all; at += Lanes.ThreadCount)
        {
            long row = at / octets;
            int column = (int)(at - (row * octets)) * Octet.Length;
            int count = columns - column;
            long from = (row * 2 * columns) + column;
            Octet gradient = Octets.Load<T, TFormat>(arguments.Gradient, (row * columns) + column, count, arguments.Wide);
            Octet gate = Octets.Load<T, TFormat>(arguments.GateUp, from, count, arguments.Wide);
            Octet up = Octets.Load<T, TFormat>(arguments.GateUp, from + columns, count, arguments.Wide);
            Octet sigmoid = Octet.Map<Sigmoid>(gate);
            Octet one = Octet.Of(1f);
            Octet ofGate = ((gradient * up) * sigmoid) * (one + (gate * (one - sigmoid)));
            Octet ofUp = (gradient * gate) * sigmoid;
            Octets.Store<T, TFormat>(arguments.GateUpGradient, from, count, arguments.Wide, ofGate);
            Octets.Store<T, TFormat>(arguments.GateUpGradient, from + columns, count, arguments.Wide, ofUp);
        }
    }
}

/// <summary>Operands of <see cref="SwiGluKernels.Forward"/>.</summary>
internal struct SwiGluArguments<T>
    where T : unmanaged
{
    public ArrayView<T> Destination;
    public ArrayView<T> GateUp;
    public int Rows;
    public int Columns;
    public int Wide;
}

/// <summary>Operands of <see cref="SwiGluKernels.Backward"/>.</summary>
internal struct SwiGluBackwardArguments<T>
    where T : unmanaged
{
    public ArrayView<T> GateUpGradient;
    public ArrayView<T> Gradient;
    public ArrayView<T> GateUp;
    public int Rows;
    public int Columns;
    public int Wide;
}
