using BiPE.Core.Tensors;

namespace BiPE.Testing;

/// <summary>
/// How far a result may lie from the float64 oracle: <c>unit round-off * Roundings * (|expected| + Scale)</c>, plus the type's
/// smallest normal number, below which precision is lost by design. A tolerance without roundings asks for equality.
/// </summary>
/// <param name="Roundings">Number of unit round-offs of the element type.</param>
/// <param name="Scale">Size of what was added up on the way, which cancellation can leave behind in a small result.</param>
public readonly record struct Tolerance(double Roundings, double Scale = 0)
{
    /// <summary>The result must be the expected number.</summary>
    public static Tolerance Exact => default;

    /// <summary>
    /// A sum of products: its rounding error walks at random, so it grows with the root of the number of terms, relative to the
    /// size of the sum, which for terms of mixed sign grows with that root too.
    /// </summary>
    /// <param name="terms">Number of terms.</param>
    /// <param name="magnitude">Root mean square of the terms.</param>
    public static Tolerance Sum(double terms, double magnitude = 1)
    {
        double root = Math.Sqrt(Math.Max(terms, 1));
        return new Tolerance(4 * root, root * magnitude);
    }

    /// <summary>Largest allowed difference from an expected number.</summary>
    /// <param name="expected">The oracle's result.</param>
    /// <param name="type">Element type of the tested result.</param>
    public double Bound(double expected, ElementType type) => Roundings == 0
        ? 0
        : (UnitRoundOff(type) * Roundings * (Math.Abs(expected) + Scale)) + SmallestNormal(type);

    /// <summary>Largest finite number of an element type; integers are never too large to compare.</summary>
    /// <param name="type">Element type.</param>
    public static double Largest(ElementType type) => type switch
    {
        ElementType.Float64 => double.MaxValue,
        ElementType.Float32 => float.MaxValue,
        ElementType.BFloat16 => BFloat16Bits.ToSingle(0x7F7F),
        _ => double.PositiveInfinity,
    };

    private static double UnitRoundOff(ElementType type) => type switch
    {
        ElementType.Float64 => Math.ScaleB(1, -53),
        ElementType.Float32 => Math.ScaleB(1, -24),
        ElementType.BFloat16 => Math.ScaleB(1, -8),
        _ => 0,
    };

    private static double SmallestNormal(ElementType type) => type switch
    {
        ElementType.Float64 => Math.ScaleB(1, -1022),
        ElementType.Float32 or ElementType.BFloat16 => Math.ScaleB(1, -126),
        _ => 0,
    };
}
