namespace BiPE.Core.Autograd;

/// <summary>Sizes of one attention.</summary>
/// <param name="Batch">Independent rows.</param>
/// <param name="Time">Tokens a row.</param>
/// <param name="HeadCount">Query heads.</param>
/// <param name="KeyValueHeadCount">Key/value heads, a divisor of <paramref name="HeadCount"/>.</param>
/// <param name="HeadDimension">Size of a head.</param>
public sealed record AttentionShape(int Batch, int Time, int HeadCount, int KeyValueHeadCount, int HeadDimension)
{
    /// <summary>Factor of the scores: 1 / sqrt(headDim) (Vaswani et al. 2017, arXiv 1706.03762, equation 1).</summary>
    public double Scale => 1 / Math.Sqrt(HeadDimension);
}
