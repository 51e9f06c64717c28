namespace BiPE.Core.Positions.Attention;

/// <summary>Slopes of ALiBi (Press et al. 2022, arXiv 2108.12409).</summary>
public static class AlibiSlopes
{
    /// <summary>Factor of the slopes in BiPE-ALiBi (the reference's <c>bipe_alibi</c>): segments are fewer than tokens.</summary>
    public const double BilevelFactor = 96;

    /// <summary>The option <c>slope_factor</c>.</summary>
    public static EncodingOption FactorOption { get; } = new("slope_factor", null, 1e-6, 1e6, "multiplies the slopes")
    {
        DefaultText = "1 over tokens, 96 over segments",
    };

    /// <summary>Slopes of the heads of a model, times the option <c>slope_factor</c>.</summary>
    /// <param name="context">Configuration and options.</param>
    /// <returns><c>[heads]</c>.</returns>
    public static double[] Compute(EncodingContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        double factor = context.NumberOr(FactorOption.Name, context.Over == PositionStream.Segment ? BilevelFactor : 1);
        return [.. Compute(context.Config.HeadCount).Select(slope => slope * factor)];
    }

    /// <summary>
    /// For a power of two n: 2^(-8 i / n), i = 1 .. n. Otherwise those of the largest power of two m below n, then every second
    /// slope of 2m heads until there are n (the authors' <c>get_slopes</c>).
    /// </summary>
    /// <param name="headCount">Number of heads, positive.</param>
    /// <returns><c>[heads]</c>.</returns>
    public static double[] Compute(int headCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(headCount);
        int power = 1 << System.Numerics.BitOperations.Log2((uint)headCount);
        var slopes = new double[headCount];
        for (int i = 0; i < headCount; i++)
        {
            slopes[i] = i < power
                ? Math.Pow(2, -8.0 * (i + 1) / power)
                : Math.Pow(2, -8.0 * ((2 * (i - power)) + 1) / (2 * power));
        }

        return slopes;
    }
}
