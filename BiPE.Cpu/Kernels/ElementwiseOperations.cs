using System.Runtime.CompilerServices;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>A function of two elements and a constant.</summary>
internal interface IElementwiseOperation
{
    static abstract TVector Apply<TSimd, TVector>(TVector a, TVector b, TVector factor)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged;
}

/// <summary>a + b.</summary>
internal readonly struct AddOperation : IElementwiseOperation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TSimd, TVector>(TVector a, TVector b, TVector factor)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged => TSimd.Add(a, b);
}

/// <summary>a * b.</summary>
internal readonly struct MultiplyOperation : IElementwiseOperation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TSimd, TVector>(TVector a, TVector b, TVector factor)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged => TSimd.Multiply(a, b);
}

/// <summary>a * factor.</summary>
internal readonly struct ScaleOperation : IElementwiseOperation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TSimd, TVector>(TVector a, TVector b, TVector factor)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged => TSimd.Multiply(a, factor);
}

/// <summary>The function of one argument itself.</summary>
internal readonly struct Value<TFunction> : IElementwiseOperation
    where TFunction : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TSimd, TVector>(TVector a, TVector b, TVector factor)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged => TFunction.Value<TSimd, TVector>(a);
}

/// <summary>a times the function's derivative at b.</summary>
internal readonly struct ChainRule<TFunction> : IElementwiseOperation
    where TFunction : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TSimd, TVector>(TVector a, TVector b, TVector factor)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged => TSimd.Multiply(a, TFunction.Derivative<TSimd, TVector>(b));
}
