namespace BiPE.Core.Evaluation.Results;

/// <summary>Loss of the tokens at some positions in their block.</summary>
/// <param name="First">First position, which is the number of tokens before it in the block; at least 1.</param>
/// <param name="Last">Last position.</param>
/// <param name="Tokens">Predictions scored there.</param>
/// <param name="MeanLoss">Their mean loss in nats.</param>
/// <param name="StandardError">Standard error of the mean, with blocks as the independent units; null of a single block.</param>
public sealed record PositionLoss(int First, int Last, long Tokens, double MeanLoss, double? StandardError = null);
