namespace BiPE.Core.Evaluation.Results;

/// <summary>What must be known of some positions to tell mean and standard error, and can be added up over blocks.</summary>
/// <param name="First">First position, from 1.</param>
/// <param name="Last">Last position.</param>
/// <param name="Blocks">Blocks with predictions there.</param>
/// <param name="Tokens">Predictions n, summed over the blocks.</param>
/// <param name="Loss">Loss sums s of the blocks in nats, summed.</param>
/// <param name="SquaredLoss">s^2, summed.</param>
/// <param name="LossTimesTokens">s n, summed.</param>
/// <param name="SquaredTokens">n^2, summed.</param>
public sealed record PositionSums(
    int First, int Last, long Blocks, long Tokens, double Loss, double SquaredLoss, double LossTimesTokens, double SquaredTokens)
{
    /// <summary>The sums of both.</summary>
    /// <param name="other">Sums of the same positions.</param>
    public PositionSums Plus(PositionSums other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return this with
        {
            Blocks = Blocks + other.Blocks,
            Tokens = Tokens + other.Tokens,
            Loss = Loss + other.Loss,
            SquaredLoss = SquaredLoss + other.SquaredLoss,
            LossTimesTokens = LossTimesTokens + other.LossTimesTokens,
            SquaredTokens = SquaredTokens + other.SquaredTokens,
        };
    }

    /// <summary>
    /// Mean and standard error of the ratio sum(s) / sum(n): sqrt(B / (B - 1) sum (s - mean n)^2) / sum(n) over B blocks
    /// (Cochran 1977, Sampling Techniques, section 6.3), so that losses of one block, which go together, count as one observation.
    /// </summary>
    public PositionLoss ToLoss()
    {
        double mean = Loss / Tokens;
        double residuals = Math.Max(0, SquaredLoss - (2 * mean * LossTimesTokens) + (mean * mean * SquaredTokens));
        double? error = Blocks > 1 ? Math.Sqrt(residuals * Blocks / (Blocks - 1)) / Tokens : null;
        return new PositionLoss(First, Last, Tokens, mean, error);
    }
}
