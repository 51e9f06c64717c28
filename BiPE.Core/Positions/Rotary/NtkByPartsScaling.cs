namespace BiPE.Core.Positions.Rotary;

/// <summary>
/// NTK-by-parts interpolation (Peng et al. 2023, arXiv 2309.00071, section 3.2): pairs that turn often within the original
/// length stay as they are, those that turn rarely have their frequency divided by the factor, and between the two the share of
/// each is linear in the number of turns. LLaMA 3.1's scaling is the same with other bounds.
/// </summary>
/// <param name="factor">How many times longer the context becomes.</param>
/// <param name="originalLength">Length the model was trained for.</param>
/// <param name="slow">Turns (the paper's alpha, LLaMA's low_freq_factor) below which a pair is interpolated whole.</param>
/// <param name="fast">Turns (the paper's beta, LLaMA's high_freq_factor) above which a pair stays as it is; above <paramref name="slow"/>.</param>
public sealed class NtkByPartsScaling(
    double factor, int originalLength, double slow = YarnScaling.DefaultBetaSlow, double fast = YarnScaling.DefaultBetaFast) : IRotaryScaling
{
    /// <summary>Factor of cosines and sines; YaRN's is <see cref="YarnScaling.AmplitudeOf"/>.</summary>
    public double Amplitude { get; init; } = 1;

    /// <inheritdoc/>
    public RotaryFrequencies Compute(RotaryShape shape, int currentLength)
    {
        ArgumentNullException.ThrowIfNull(shape);
        double[] inverse = shape.InverseFrequencies(shape.Base);
        for (int i = 0; i < inverse.Length; i++)
        {
            double turns = originalLength * inverse[i] / (2 * Math.PI);
            double kept = Math.Clamp((turns - slow) / (fast - slow), 0, 1);
            inverse[i] = (inverse[i] * kept) + (inverse[i] / factor * (1 - kept));
        }

        return new RotaryFrequencies(inverse, Amplitude);
    }
}
