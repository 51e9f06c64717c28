using System.Runtime.CompilerServices;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>A function of one argument and its derivative.</summary>
internal interface IUnaryFunction
{
    static abstract TVector Value<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged;

    static abstract TVector Derivative<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged;
}

/// <summary>x * sigmoid(x).</summary>
internal readonly struct SiluFunction : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged => VectorMath<TSimd, TVector>.Silu(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Derivative<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged
    {
        TVector one = TSimd.Broadcast(1f);
        TVector sigmoid = VectorMath<TSimd, TVector>.Sigmoid(x);
        return TSimd.Multiply(sigmoid, TSimd.MultiplyAdd(x, TSimd.Subtract(one, sigmoid), one));
    }
}

/// <summary>1 / (1 + e^-x).</summary>
internal readonly struct SigmoidFunction : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged => VectorMath<TSimd, TVector>.Sigmoid(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Derivative<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged
    {
        TVector sigmoid = VectorMath<TSimd, TVector>.Sigmoid(x);
        return TSimd.Multiply(sigmoid, TSimd.Subtract(TSimd.Broadcast(1f), sigmoid));
    }
}

/// <summary>max(x, 0); NaN stays NaN.</summary>
internal readonly struct ReluFunction : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged => TSimd.Select(TSimd.LessThanOrEqual(x, TSimd.Zero), TSimd.Zero, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Derivative<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged =>
        TSimd.Select(TSimd.LessThan(TSimd.Zero, x), TSimd.Broadcast(1f), TSimd.Zero);
}

/// <summary>Hyperbolic tangent.</summary>
internal readonly struct TanhFunction : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged => VectorMath<TSimd, TVector>.Tanh(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Derivative<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged
    {
        TVector tanh = VectorMath<TSimd, TVector>.Tanh(x);
        return TSimd.Subtract(TSimd.Broadcast(1f), TSimd.Multiply(tanh, tanh));
    }
}

/// <summary>e to the x.</summary>
internal readonly struct ExpFunction : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged => VectorMath<TSimd, TVector>.Exp(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Derivative<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged => VectorMath<TSimd, TVector>.Exp(x);
}

/// <summary>Natural logarithm.</summary>
internal readonly struct LogFunction : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Value<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged => VectorMath<TSimd, TVector>.Log(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Derivative<TSimd, TVector>(TVector x)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged => TSimd.Divide(TSimd.Broadcast(1f), x);
}
