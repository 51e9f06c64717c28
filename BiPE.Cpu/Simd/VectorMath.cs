using System.Runtime.CompilerServices;

namespace BiPE.Cpu.Simd;

/// <summary>
/// Elementary functions in float32, inlined into kernels. Polynomials interpolate the functions at Chebyshev nodes; their
/// errors are below 1e-8 before rounding. Special values follow IEEE 754: NaN stays NaN, overflow gives infinity, and results
/// below the normal numbers become subnormal, then 0.
/// </summary>
internal static class VectorMath<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    private const float Log2OfE = 1.442695f;
    private const float Log2High = 0.6931472f;
    private const float Log2Low = -1.9046542e-9f;

    /// <summary>e to the x: 2^n e^r with x = n log 2 + r and |r| at most log(2) / 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Exp(TVector x)
    {
        // Beyond these bounds the result is 0 or infinity all the same, and n stays small enough to scale by. NaN is kept by the order.
        TVector bounded = TSimd.Maximum(TSimd.Broadcast(-105f), TSimd.Minimum(TSimd.Broadcast(89f), x));
        return ExpReduced(bounded, TSimd.Round(TSimd.Multiply(bounded, TSimd.Broadcast(Log2OfE))));
    }

    /// <summary>e to the x where x is at most 0 or not a number, as in a softmax; a third less work than <see cref="Exp"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector ExpOfNonPositive(TVector x)
    {
        TVector bounded = TSimd.Maximum(TSimd.Broadcast(-105f), x);
        return ExpReduced(bounded, TSimd.Round(TSimd.Multiply(bounded, TSimd.Broadcast(Log2OfE))));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector ExpReduced(TVector x, TVector n)
    {
        TVector r = TSimd.MultiplyAdd(n, TSimd.Broadcast(-Log2High), x);
        r = TSimd.MultiplyAdd(n, TSimd.Broadcast(-Log2Low), r);
        TVector p = TSimd.Broadcast(0.0013941119f);
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(0.008375135f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(0.041666354f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(0.16666415f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(0.5f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(1f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(1f));
        return TSimd.ScaleByPowerOfTwo(p, n);
    }

    /// <summary>Natural logarithm: e log 2 + log(1 + f) with x = 2^e (1 + f) and 1 + f between the roots of 1/2 and 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Log(TVector x)
    {
        TVector one = TSimd.Broadcast(1f);
        TVector subnormal = TSimd.LessThan(x, TSimd.Broadcast(1.1754944e-38f));
        TVector normal = TSimd.Select(subnormal, TSimd.Multiply(x, TSimd.Broadcast(8388608f)), x);
        TVector exponent = TSimd.SplitExponent(normal, out TVector mantissa);
        exponent = TSimd.Subtract(exponent, TSimd.Select(subnormal, TSimd.Broadcast(23f), TSimd.Zero));

        TVector low = TSimd.LessThan(mantissa, TSimd.Broadcast(0.70710677f));
        exponent = TSimd.Subtract(exponent, TSimd.Select(low, one, TSimd.Zero));
        TVector f = TSimd.Subtract(TSimd.Select(low, TSimd.Add(mantissa, mantissa), mantissa), one);

        TVector p = TSimd.Broadcast(0.06969754f);
        p = TSimd.MultiplyAdd(p, f, TSimd.Broadcast(-0.11479188f));
        p = TSimd.MultiplyAdd(p, f, TSimd.Broadcast(0.11685797f));
        p = TSimd.MultiplyAdd(p, f, TSimd.Broadcast(-0.124257766f));
        p = TSimd.MultiplyAdd(p, f, TSimd.Broadcast(0.14249033f));
        p = TSimd.MultiplyAdd(p, f, TSimd.Broadcast(-0.16667798f));
        p = TSimd.MultiplyAdd(p, f, TSimd.Broadcast(0.20000717f));
        p = TSimd.MultiplyAdd(p, f, TSimd.Broadcast(-0.24999997f));
        p = TSimd.MultiplyAdd(p, f, TSimd.Broadcast(0.3333333f));
        p = TSimd.MultiplyAdd(p, f, TSimd.Broadcast(-0.5f));
        TVector square = TSimd.Multiply(f, f);
        TVector small = TSimd.MultiplyAdd(exponent, TSimd.Broadcast(Log2Low), TSimd.Multiply(p, square));
        TVector result = TSimd.MultiplyAdd(exponent, TSimd.Broadcast(Log2High), TSimd.Add(f, small));

        TVector infinity = TSimd.Broadcast(float.PositiveInfinity);
        result = TSimd.Select(TSimd.Equal(x, infinity), infinity, result);
        result = TSimd.Select(TSimd.Equal(x, TSimd.Zero), TSimd.Broadcast(float.NegativeInfinity), result);
        return TSimd.Select(TSimd.LessThanOrEqual(TSimd.Zero, x), result, TSimd.Broadcast(float.NaN));
    }

    /// <summary>1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Sigmoid(TVector x) => TSimd.Divide(TSimd.Broadcast(1f), OnePlusExpOfNegative(x));

    /// <summary>x / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Silu(TVector x) => TSimd.Divide(x, OnePlusExpOfNegative(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector OnePlusExpOfNegative(TVector x) => TSimd.Add(TSimd.Broadcast(1f), Exp(TSimd.Subtract(TSimd.Zero, x)));

    /// <summary>Hyperbolic tangent: an odd polynomial near 0, else 1 - 2 / (e^2|x| + 1) with the sign of x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Tanh(TVector x)
    {
        TVector one = TSimd.Broadcast(1f);
        TVector negated = TSimd.Subtract(TSimd.Zero, x);
        TVector magnitude = TSimd.Maximum(x, negated);
        TVector square = TSimd.Multiply(x, x);
        TVector p = TSimd.Broadcast(0.0022695018f);
        p = TSimd.MultiplyAdd(p, square, TSimd.Broadcast(-0.008323187f));
        p = TSimd.MultiplyAdd(p, square, TSimd.Broadcast(0.021762503f));
        p = TSimd.MultiplyAdd(p, square, TSimd.Broadcast(-0.05395846f));
        p = TSimd.MultiplyAdd(p, square, TSimd.Broadcast(0.133333f));
        p = TSimd.MultiplyAdd(p, square, TSimd.Broadcast(-0.33333334f));
        TVector near = TSimd.MultiplyAdd(TSimd.Multiply(p, square), x, x);

        TVector doubled = Exp(TSimd.Add(magnitude, magnitude));
        TVector far = TSimd.Subtract(one, TSimd.Divide(TSimd.Broadcast(2f), TSimd.Add(doubled, one)));
        far = TSimd.Select(TSimd.LessThan(x, TSimd.Zero), TSimd.Subtract(TSimd.Zero, far), far);
        TVector result = TSimd.Select(TSimd.LessThan(magnitude, TSimd.Broadcast(0.625f)), near, far);
        return TSimd.Select(TSimd.Equal(x, x), result, x);
    }
}
