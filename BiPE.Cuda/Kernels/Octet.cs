namespace BiPE.Cuda.Kernels;

/// <summary>
/// Eight neighbouring elements in float32: the unit in which kernels walk along rows. Of bfloat16 it is one access of 16 bytes,
/// of float32 two, and what is computed does not depend on whether the accesses were wide.
/// </summary>
internal struct Octet
{
    public const int Length = 8;

    public float A;
    public float B;
    public float C;
    public float D;
    public float E;
    public float F;
    public float G;
    public float H;

    public Octet(float a, float b, float c, float d, float e, float f, float g, float h)
    {
        A = a;
        B = b;
        C = c;
        D = d;
        E = e;
        F = f;
        G = g;
        H = h;
    }

    public static Octet operator +(Octet x, Octet y) =>
        new(x.A + y.A, x.B + y.B, x.C + y.C, x.D + y.D, x.E + y.E, x.F + y.F, x.G + y.G, x.H + y.H);

    public static Octet operator -(Octet x, Octet y) =>
        new(x.A - y.A, x.B - y.B, x.C - y.C, x.D - y.D, x.E - y.E, x.F - y.F, x.G - y.G, x.H - y.H);

    public static Octet operator *(Octet x, Octet y) =>
        new(x.A * y.A, x.B * y.B, x.C * y.C, x.D * y.D, x.E * y.E, x.F * y.F, x.G * y.G, x.H * y.H);

    public static Octet operator *(Octet x, float y) => new(x.A * y, x.B * y, x.C * y, x.D * y, x.E * y, x.F * y, x.G * y, x.H * y);

    /// <summary>The same number eight times.</summary>
    public static Octet Of(float value) => new(value, value, value, value, value, value, value, value);

    /// <summary>A function of each element.</summary>
    public static Octet Map<TFunction>(Octet x)
        where TFunction : struct, IScalarFunction => new(
            TFunction.Apply(x.A), TFunction.Apply(x.B), TFunction.Apply(x.C), TFunction.Apply(x.D),
            TFunction.Apply(x.E), TFunction.Apply(x.F), TFunction.Apply(x.G), TFunction.Apply(x.H));

    /// <summary>Sum of the elements, in a fixed order.</summary>
    public readonly float Sum() => ((A + B) + (C + D)) + ((E + F) + (G + H));

    /// <summary>Largest of the elements; a NaN may be passed over.</summary>
    public readonly float Largest() =>
        KernelMath.Larger(
            KernelMath.Larger(KernelMath.Larger(A, B), KernelMath.Larger(C, D)),
            KernelMath.Larger(KernelMath.Larger(E, F), KernelMath.Larger(G, H)));

    /// <summary>The first elements, with another value in place of those from a count on.</summary>
    public readonly Octet First(int count, float other) => new(
        count > 0 ? A : other, count > 1 ? B : other, count > 2 ? C : other, count > 3 ? D : other,
        count > 4 ? E : other, count > 5 ? F : other, count > 6 ? G : other, count > 7 ? H : other);

    /// <summary>The elements from a number on, with another value in place of those before it.</summary>
    public readonly Octet From(int first, float other) => new(
        first > 0 ? other : A, first > 1 ? other : B, first > 2 ? other : C, first > 3 ? other : D,
        first > 4 ? other : E, first > 5 ? other : F, first > 6 ? other : G, first > 7 ? other : H);
}
