namespace BiPE.Core.Evaluation;

/// <summary>Perplexity at one block size.</summary>
/// <param name="Protocol">Name of the protocol.</param>
/// <param name="BlockSize">Tokens a block.</param>
/// <param name="Blocks">Blocks scored.</param>
/// <param name="ScoredTokens">Predictions scored.</param>
/// <param name="MeanLoss">Mean loss in nats, weighted as the protocol says.</param>
/// <param name="Seconds">Time the evaluation took.</param>
public sealed record PerplexityResult(string Protocol, int BlockSize, int Blocks, long ScoredTokens, double MeanLoss, double Seconds)
{
    /// <summary>e to the mean loss.</summary>
    public double Perplexity => Math.Exp(MeanLoss);

    /// <summary>Predictions scored a second.</summary>
    public double TokensPerSecond => Seconds > 0 ? ScoredTokens / Seconds : 0;
}
