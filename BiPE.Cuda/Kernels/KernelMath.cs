using ILGPU;

namespace BiPE.Cuda.Kernels;

/// <summary>
/// Elementary functions in float32 from additions and products, so that a device and the simulated one agree up to the rounding
/// of fused products. Polynomials interpolate at Chebyshev nodes, with errors below 1e-8 before rounding; special values follow
/// IEEE 754. The device's own approximations lose too many bits at large arguments.
/// </summary>
internal static class KernelMath
{
    private const float Log2OfE = 1.442695f;

    // Log 2 in two parts, the first of few enough bits that its product with an exponent is exact.
    private const float Log2High = 0.693359375f;
    private const float Log2Low = -2.12194440e-4f;

    /// <summary>The larger of two numbers, with a comparison only.</summary>
    public static float Larger(float x, float y) => x > y ? x : y;

    /// <summary>Whether a number is NaN, by its bits: compilers may take x == x for true.</summary>
    public static bool IsNaN(float x) => (Interop.FloatAsInt(x) & 0x7FFFFFFFu) > 0x7F800000u;

    /// <summary>e to the x: 2^n e^r with x = n log 2 + r and |r| at most log(2) / 2.</summary>
    public static float Exp(float x)
    {
        // Beyond these bounds the result is 0 or infinity all the same, and n stays small enough to scale by.
        float bounded = x > 89f ? 89f : x;
        bounded = bounded < -105f ? -105f : bounded;
        float n = MathF.Floor((bounded * Log2OfE) + 0.5f);
        float r = (bounded - (n * Log2High)) - (n * Log2Low);
        float p = 0.00019891017f;
        p = (p * r) + 0.0013933674f;
        p = (p * r) + 0.00833331f;
        p = (p * r) + 0.041666463f;
        p = (p * r) + 0.16666667f;
        p = (p * r) + 0.5f;
        p = ((p * r) * r) + r;
        p += 1f;

        // In two steps, because 2^n itself may be too large or too small.
        int exponent = (int)n;
        int half = exponent >> 1;
        float result = (p * PowerOfTwo(half)) * PowerOfTwo(exponent - half);
        return IsNaN(x) ? x : result;
    }

    /// <summary>Natural logarithm: e log 2 + log(1 + f) with x = 2^e (1 + f) and 1 + f between the roots of 1/2 and 2.</summary>
    public static float Log(float x)
    {
        bool subnormal = x < 1.1754944e-38f;
        uint bits = Interop.FloatAsInt(subnormal ? x * 8388608f : x);
        float exponent = (int)((bits >> 23) & 0xFF) - 127;
        exponent -= subnormal ? 23f : 0f;
        float mantissa = Interop.IntAsFloat((bits & 0x007FFFFFu) | 0x3F800000u);
        bool high = mantissa > 1.4142135f;
        exponent += high ? 1f : 0f;
        float f = (high ? mantissa * 0.5f : mantissa) - 1f;
        float p = 0.06969754f;
        p = (p * f) - 0.11479188f;
        p = (p * f) + 0.11685797f;
        p = (p * f) - 0.124257766f;
        p = (p * f) + 0.14249033f;
        p = (p * f) - 0.16667798f;
        p = (p * f) + 0.20000717f;
        p = (p * f) - 0.24999997f;
        p = (p * f) + 0.3333333f;
        p = (p * f) - 0.5f;
        float result = (f + ((p * (f * f)) + (exponent * Log2Low))) + (exponent * Log2High);
        result = x == float.PositiveInfinity ? x : result;
        result = x == 0f ? float.NegativeInfinity : result;
        return x < 0f ? float.NaN : (IsNaN(x) ? x : result);
    }

    /// <summary>1 / (1 + e^-x).</summary>
    public static float Sigmoid(float x) => 1f / (1f + Exp(-x));

    /// <summary>Hyperbolic tangent: an odd polynomial near 0, else 1 - 2 / (e^2|x| + 1) with the sign of x.</summary>
    public static float Tanh(float x)
    {
        float magnitude = x < 0f ? -x : x;
        float square = x * x;
        float p = 0.0022695018f;
        p = (p * square) - 0.008323187f;
        p = (p * square) + 0.021762503f;
        p = (p * square) - 0.05395846f;
        p = (p * square) + 0.133333f;
        p = (p * square) - 0.33333334f;
        float near = ((p * square) * x) + x;
        float far = 1f - (2f / (Exp(magnitude + magnitude) + 1f));
        far = x < 0f ? -far : far;
        float result = magnitude < 0.625f ? near : far;
        return IsNaN(x) ? x : result;
    }

    private static float PowerOfTwo(int exponent) => Interop.IntAsFloat((uint)(exponent + 127) << 23);
}
