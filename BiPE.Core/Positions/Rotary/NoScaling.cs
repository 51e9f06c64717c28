namespace BiPE.Core.Positions.Rotary;

/// <summary>Plain rotary frequencies.</summary>
public sealed class NoScaling : IRotaryScaling
{
    /// <inheritdoc/>
    public RotaryFrequencies Compute(RotaryShape shape, int currentLength)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return new RotaryFrequencies(shape.InverseFrequencies(shape.Base), 1);
    }
}
