namespace BiPE.Core.Training.Logs;

/// <summary>The numbers of one training step.</summary>
/// <param name="Step">Number of optimizer steps made.</param>
/// <param name="Tokens">Number of tokens trained on so far.</param>
/// <param name="Scalars">Named numbers; the names differ from each other and from <c>step</c> and <c>tokens</c>.</param>
public sealed record TrainingLogEntry(long Step, long Tokens, IReadOnlyList<TrainingScalar> Scalars);
