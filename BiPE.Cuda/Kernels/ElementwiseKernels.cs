using ILGPU;
using ILGPU.Runtime;

namespace BiPE.Cuda.Kernels;

/// <summary>Operations on each element. They are bound by memory: threads take octets, neighbours neighbouring ones.</summary>
internal static class ElementwiseKernels
{
    /// <summary>destination = operation(first, second, destination), in the formats of destination and operands.</summary>
    [Kernel]
    public static void Apply<TTo, TToFormat, TFrom, TFromFormat, TOperation>(ElementwiseArguments<TTo, TFrom> arguments)
        where TTo : unmanaged
        where TToFormat : struct, IFormat<TTo>
        where TFrom : unmanaged
        where TFromFormat : struct, IFormat<TFrom>
        where TOperation : struct, IElementwise
    {
        long step = (long)Lanes.ThreadCount * Octet.Length;
        for (long at = (long)Lanes.GlobalThread * Octet.Length; at < arguments.Count; at += step)
        {
            int count = (int)IntrinsicMath.Min(Octet.Length, arguments.Count - at);
            Octet first = Octets.Load<TFrom, TFromFormat>(arguments.First, at, count, arguments.Wide);
            Octet second = TOperation.ReadsSecond ? Octets.Load<TFrom, TFromFormat>(arguments.Second, at, count, arguments.Wide) : first;
            Octet old = TOperation.ReadsOld ? Octets.Load<TTo, TToFormat>(arguments.Destination, at, count, arguments.Wide) : first;
            float factor = arguments.Factor;
            var result = new Octet(
                TOperation.Apply(first.A, second.A, old.A, factor), TOperation.Apply(first.B, second.B, old.B, factor),
                TOperation.Apply(first.C, second.C, old.C, factor), TOperation.Apply(first.D, second.D, old.D, factor),
                TOperation.Apply(first.E, second.E, old.E, factor), TOperation.Apply(first.F, second.F, old.F, factor),
                TOperation.Apply(first.G, second.G, old.G, factor), TOperation.Apply(first.H, second.H, old.H, factor));
            Octets.Store<TTo, TToFormat>(arguments.Destination, at, count, arguments.Wide, result);
        }
    }

    /// <summary>Sets every element to the same bits: whole patterns, and the elements before the first and behind the last one.</summary>
    [Kernel]
    public static void Fill<T>(FillArguments<T> arguments)
        where T : unmanaged
    {
        ArrayView<FillPattern> patterns = arguments.Whole.AsAligned(FillPattern.Length);
        for (long at = Lanes.GlobalThread; at < patterns.Length; at += Lanes.ThreadCount)
        {
            patterns[at] = arguments.Pattern;
        }

        for (long at = Lanes.GlobalThread; at < arguments.Before.Length; at += Lanes.ThreadCount)
        {
            arguments.Before[at] = arguments.Value;
        }

        for (long at = Lanes.GlobalThread; at < arguments.Behind.Length; at += Lanes.ThreadCount)
        {
            arguments.Behind[at] = arguments.Value;
        }
    }
}

/// <summary>Operands of <see cref="ElementwiseKernels.Apply"/>.</summary>
internal struct ElementwiseArguments<TTo, TFrom>
    where TTo : unmanaged
    where TFrom : unmanaged
{
    public ArrayView<TTo> Destination;
    public ArrayView<TFrom> First;
    public ArrayView<TFrom> Second;
    public long Count;
    public float Factor;
    public int Wide;
}

/// <summary>Operands of <see cref="ElementwiseKernels.Fill"/>.</summary>
internal struct FillArguments<T>
    where T : unmanaged
{
    public ArrayView<T> Before;
    public ArrayView<FillPattern> Whole;
    public ArrayView<T> Behind;
    public FillPattern Pattern;
    public T Value;
}
