namespace BiPE.Core.Positions.Rotary;

/// <summary>
/// Beyond the training length L the base grows with the text's length n (in tokens, also where positions are segments):
/// base * (factor n / L - (factor - 1))^(headDim / (headDim - 2)) (the reference's and Hugging Face's
/// LlamaDynamicNTKScalingRotaryEmbedding). The reference keeps the frequencies of the longest text it has seen; here they
/// depend on the current one alone.
/// </summary>
/// <param name="factor">How strongly the base grows.</param>
public sealed class DynamicNtkScaling(double factor) : IRotaryScaling
{
    /// <inheritdoc/>
    public RotaryFrequencies Compute(RotaryShape shape, int currentLength)
    {
        ArgumentNullException.ThrowIfNull(shape);
        double rotaryBase = shape.Base;
        if (currentLength > shape.MaximumPositions && shape.HeadDimension > 2)
        {
            double stretch = (factor * currentLength / shape.MaximumPositions) - (factor - 1);
            rotaryBase *= Math.Pow(stretch, shape.HeadDimension / (shape.HeadDimension - 2.0));
        }

        return new RotaryFrequencies(shape.InverseFrequencies(rotaryBase), 1);
    }
}
