namespace BiPE.Core.Positions.Rotary;

/// <summary>
/// YaRN (Peng et al. 2023, arXiv 2309.00071): fast pairs stay as they are, slow ones are interpolated, and attention gets a
/// temperature. As in the authors' code, which Hugging Face follows and models are made with, the ramp between fast and slow
/// is linear in the pair's index; the paper's own equation is <see cref="NtkByPartsScaling"/>.
/// </summary>
/// <param name="factor">How many times longer the context becomes.</param>
/// <param name="originalLength">Length the model was trained for.</param>
public sealed class YarnScaling(double factor, int originalLength) : IRotaryScaling
{
    /// <summary>Rotations within the original length above which a pair stays as it is.</summary>
    public const double DefaultBetaFast = 32;

    /// <summary>Rotations within the original length below which a pair is interpolated whole.</summary>
    public const double DefaultBetaSlow = 1;

    /// <summary>Above how many rotations a pair stays as it is.</summary>
    public double BetaFast { get; init; } = DefaultBetaFast;

    /// <summary>Below how many rotations a pair is interpolated whole.</summary>
    public double BetaSlow { get; init; } = DefaultBetaSlow;

    /// <summary>Whether the ramp's ends are widened to whole indices.</summary>
    public bool Truncates { get; init; } = true;

    /// <summary>Factor of cosines and sines; its square is the inverse temperature of attention.</summary>
    public double Amplitude { get; init; } = AmplitudeOf(factor);

    /// <summary>The recommended amplitude, 0.1 m ln(factor) + 1 (section 3.4).</summary>
    /// <param name="factor">How many times longer the context becomes.</param>
    /// <param name="scale">The number m, 1 unless a model says otherwise.</param>
    public static double AmplitudeOf(double factor, double scale = 1) => factor <= 1 ? 1 : (0.1 * scale * Math.Log(factor)) + 1;

    /// <inheritdoc/>
    public RotaryFrequencies Compute(RotaryShape shape, int currentLength)
    {
        ArgumentNullException.ThrowIfNull(shape);
        double low = IndexOf(BetaFast, shape);
        double high = IndexOf(BetaSlow, shape);
        if (Truncates)
        {
            low = Math.Floor(low);
            high = Math.Ceiling(high);
        }

        low = Math.Max(low, 0);
        high = Math.Min(high, shape.HeadDimension - 1);
        high = high == low ? high + 0.001 : high; // as in the authors' code, so that nothing is divided by zero
        double[] inverse = shape.InverseFrequencies(shape.Base);
        for (int i = 0; i < inverse.Length; i++)
        {
            double interpolated = Math.Clamp((i - low) / (high - low), 0, 1);
            inverse[i] = (inverse[i] * (1 - interpolated)) + (inverse[i] / factor * interpolated);
        }

        return new RotaryFrequencies(inverse, Amplitude);
    }

    /// <summary>Index of the pair that turns a number of times within the original length.</summary>
    private double IndexOf(double rotations, RotaryShape shape) =>
        shape.HeadDimension * Math.Log(originalLength / (rotations * 2 * Math.PI)) / (2 * Math.Log(shape.Base));
}
