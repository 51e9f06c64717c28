namespace BiPE.Core.Positions.Rotary;

/// <summary>A way to stretch rotary frequencies to longer texts.</summary>
public interface IRotaryScaling
{
    /// <summary>Frequencies for a text of a length. A function of its arguments alone: it does not remember lengths seen before.</summary>
    /// <param name="shape">Head size, base, training length.</param>
    /// <param name="currentLength">Tokens of the text.</param>
    RotaryFrequencies Compute(RotaryShape shape, int currentLength);
}
