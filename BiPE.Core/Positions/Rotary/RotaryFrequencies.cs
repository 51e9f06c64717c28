namespace BiPE.Core.Positions.Rotary;

/// <summary>What a scaling method decides.</summary>
/// <param name="Inverse">Angle per position of each pair, <c>[headDim / 2]</c>.</param>
/// <param name="Amplitude">Factor of cosines and sines.</param>
public sealed record RotaryFrequencies(double[] Inverse, double Amplitude);
