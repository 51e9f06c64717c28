namespace BiPE.Cli.Commands;

/// <summary>What <c>bipe score</c> found for a sequence.</summary>
/// <param name="Ids">Its tokens.</param>
/// <param name="LogProbabilities">Natural logarithm of each token's probability; null for the first.</param>
internal sealed record ScoredSequence(IReadOnlyList<int> Ids, IReadOnlyList<double?> LogProbabilities);
