using System.Numerics;
using System.Runtime.CompilerServices;

namespace BiPE.Testing.Ptx;

/// <content>One definition for all types of numbers that it makes sense for.</content>
internal static partial class PtxFunctions
{
    /// <summary>A function of up to three operands; of those that it does not have, any may come.</summary>
    private interface IFunction<T, TResult>
    {
        static abstract TResult Of(T a, T b, T c);
    }

    private readonly struct Same : IFunction<ulong, ulong>
    {
        public static ulong Of(ulong a, ulong b, ulong c) => a;
    }

    private readonly struct And : IFunction<ulong, ulong>
    {
        public static ulong Of(ulong a, ulong b, ulong c) => a & b;
    }

    private readonly struct Or : IFunction<ulong, ulong>
    {
        public static ulong Of(ulong a, ulong b, ulong c) => a | b;
    }

    private readonly struct Xor : IFunction<ulong, ulong>
    {
        public static ulong Of(ulong a, ulong b, ulong c) => a ^ b;
    }

    private readonly struct Negation : IFunction<ulong, ulong>
    {
        public static ulong Of(ulong a, ulong b, ulong c) => a == 0 ? 1UL : 0;
    }

    private readonly struct Selected : IFunction<ulong, ulong>
    {
        public static ulong Of(ulong a, ulong b, ulong c) => c != 0 ? a : b;
    }

    private readonly struct Sum<T> : IFunction<T, T>
        where T : INumber<T>
    {
        public static T Of(T a, T b, T c) => a + b;
    }

    private readonly struct Difference<T> : IFunction<T, T>
        where T : INumber<T>
    {
        public static T Of(T a, T b, T c) => a - b;
    }

    private readonly struct Product<T> : IFunction<T, T>
        where T : INumber<T>
    {
        public static T Of(T a, T b, T c) => a * b;
    }

    private readonly struct ProductAndSum<T> : IFunction<T, T>
        where T : INumber<T>
    {
        public static T Of(T a, T b, T c) => (a * b) + c;
    }

    private readonly struct Quotient<T> : IFunction<T, T>
        where T : INumber<T>
    {
        public static T Of(T a, T b, T c) => a / b;
    }

    private readonly struct Remainder<T> : IFunction<T, T>
        where T : INumber<T>
    {
        public static T Of(T a, T b, T c) => a % b;
    }

    private readonly struct Negative<T> : IFunction<T, T>
        where T : INumber<T>
    {
        public static T Of(T a, T b, T c) => -a;
    }

    private readonly struct Smaller<T> : IFunction<T, T>
        where T : INumber<T>
    {
        public static T Of(T a, T b, T c) => T.Min(a, b);
    }

    private readonly struct Larger<T> : IFunction<T, T>
        where T : INumber<T>
    {
        public static T Of(T a, T b, T c) => T.Max(a, b);
    }

    /// <summary>Shifts by as many bits as there are, or more, leave nothing.</summary>
    private readonly struct ShiftedLeft<T> : IFunction<T, T>
        where T : IBinaryInteger<T>
    {
        public static T Of(T a, T b, T c) => uint.CreateTruncating(b) < Unsafe.SizeOf<T>() * 8 ? a << int.CreateTruncating(b) : T.Zero;
    }

    /// <summary>Shifts by as many bits as there are, or more, leave nothing but the sign.</summary>
    private readonly struct ShiftedRight<T> : IFunction<T, T>
        where T : IBinaryInteger<T>
    {
        public static T Of(T a, T b, T c) => uint.CreateTruncating(b) < Unsafe.SizeOf<T>() * 8
            ? a >> int.CreateTruncating(b)
            : T.IsNegative(a) ? -T.One : T.Zero;
    }

    private readonly struct FusedProductAndSum<T> : IFunction<T, T>
        where T : IFloatingPointIeee754<T>
    {
        public static T Of(T a, T b, T c) => T.FusedMultiplyAdd(a, b, c);
    }

    private readonly struct Reciprocal<T> : IFunction<T, T>
        where T : IFloatingPointIeee754<T>
    {
        public static T Of(T a, T b, T c) => T.One / a;
    }

    private readonly struct SquareRoot<T> : IFunction<T, T>
        where T : IFloatingPointIeee754<T>
    {
        public static T Of(T a, T b, T c) => T.Sqrt(a);
    }

    private readonly struct Floor<T> : IFunction<T, T>
        where T : IFloatingPointIeee754<T>
    {
        public static T Of(T a, T b, T c) => T.Floor(a);
    }

    private readonly struct Absolute<T> : IFunction<T, T>
        where T : IFloatingPointIeee754<T>
    {
        public static T Of(T a, T b, T c) => T.Abs(a);
    }

    private readonly struct Equal<T> : IFunction<T, ulong>
        where T : INumber<T>
    {
        public static ulong Of(T a, T b, T c) => a == b ? 1UL : 0;
    }

    /// <summary>False where one side is NaN, unlike the operator of C#.</summary>
    private readonly struct Different<T> : IFunction<T, ulong>
        where T : INumber<T>
    {
        public static ulong Of(T a, T b, T c) => a < b || a > b ? 1UL : 0;
    }

    private readonly struct Below<T> : IFunction<T, ulong>
        where T : INumber<T>
    {
        public static ulong Of(T a, T b, T c) => a < b ? 1UL : 0;
    }

    private readonly struct BelowOrEqual<T> : IFunction<T, ulong>
        where T : INumber<T>
    {
        public static ulong Of(T a, T b, T c) => a <= b ? 1UL : 0;
    }

    private readonly struct Above<T> : IFunction<T, ulong>
        where T : INumber<T>
    {
        public static ulong Of(T a, T b, T c) => a > b ? 1UL : 0;
    }

    private readonly struct AboveOrEqual<T> : IFunction<T, ulong>
        where T : INumber<T>
    {
        public static ulong Of(T a, T b, T c) => a >= b ? 1UL : 0;
    }

    private readonly struct Not<T, TFunction> : IFunction<T, ulong>
        where TFunction : struct, IFunction<T, ulong>
    {
        public static ulong Of(T a, T b, T c) => TFunction.Of(a, b, c) ^ 1;
    }

    private readonly struct Converted<T, TResult> : IFunction<T, TResult>
        where T : INumberBase<T>
        where TResult : INumberBase<TResult>
    {
        public static TResult Of(T a, T b, T c) => TResult.CreateTruncating(a);
    }

    /// <summary>Beyond the range it is the range's end, and 0 for NaN.</summary>
    private readonly struct Saturated<T, TResult> : IFunction<T, TResult>
        where T : INumberBase<T>
        where TResult : INumberBase<TResult>
    {
        public static TResult Of(T a, T b, T c) => TResult.CreateSaturating(a);
    }

    private readonly struct WideProduct<T, TResult> : IFunction<T, TResult>
        where T : INumberBase<T>
        where TResult : INumberBase<TResult>
    {
        public static TResult Of(T a, T b, T c) => TResult.CreateTruncating(a) * TResult.CreateTruncating(b);
    }
}
