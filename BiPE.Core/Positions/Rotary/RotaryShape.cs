namespace BiPE.Core.Positions.Rotary;

/// <summary>What rotary frequencies depend on.</summary>
/// <param name="HeadDimension">Size of a head, even.</param>
/// <param name="Base">Base of the frequencies, 10000 as a rule.</param>
/// <param name="MaximumPositions">Length the model was trained for.</param>
public sealed record RotaryShape(int HeadDimension, double Base, int MaximumPositions)
{
    /// <summary>base^(-2 i / headDim) for i = 0 .. headDim / 2 - 1 (Su et al. 2021, arXiv 2104.09864, section 3.2.2).</summary>
    /// <param name="rotaryBase">Base to use.</param>
    public double[] InverseFrequencies(double rotaryBase)
    {
        var inverse = new double[HeadDimension / 2];
        for (int i = 0; i < inverse.Length; i++)
        {
            inverse[i] = Math.Pow(rotaryBase, -2.0 * i / HeadDimension);
        }

        return inverse;
    }
}
