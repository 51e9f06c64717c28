namespace BiPE.Core.Positions.Attention;

/// <summary>
/// Factor of a query by its position p: log(p + 1) / log(training length) (Chiang and Cholak 2022, arXiv 2202.12172, as the
/// reference's <c>log_scale</c>). It is zero at position 0: the first token, or the whole first segment in bilevel models.
/// </summary>
/// <param name="trainScale">Training length in tokens, at least 2.</param>
public sealed class LogScale(int trainScale)
{
    /// <summary>Factor of queries at a position.</summary>
    /// <param name="position">Position, from 0.</param>
    public double Factor(int position) => Math.Log(position + 1.0) / Math.Log(trainScale);
}
