namespace BiPE.Core.Positions.Rotary;

/// <summary>Positions divided by a factor (position interpolation: Chen et al. 2023, arXiv 2306.15595).</summary>
/// <param name="factor">How many times longer the context becomes.</param>
public sealed class LinearScaling(double factor) : IRotaryScaling
{
    /// <inheritdoc/>
    public RotaryFrequencies Compute(RotaryShape shape, int currentLength)
    {
        ArgumentNullException.ThrowIfNull(shape);
        double[] inverse = shape.InverseFrequencies(shape.Base);
        for (int i = 0; i < inverse.Length; i++)
        {
            inverse[i] /= factor;
        }

        return new RotaryFrequencies(inverse, 1);
    }
}
