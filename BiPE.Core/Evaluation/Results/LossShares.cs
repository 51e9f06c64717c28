namespace BiPE.Core.Evaluation.Results;

/// <summary>
/// Loss sums of every pair of a block and a document with scored tokens in it, as columns in the order of the blocks. Sums by block
/// and by document follow from them.
/// </summary>
/// <param name="Block">Number of the block, from 0.</param>
/// <param name="Document">Number of the document in the set, from 0.</param>
/// <param name="Tokens">Predictions scored.</param>
/// <param name="Loss">Sum of their losses in nats.</param>
/// <param name="Bytes">Bytes of UTF-8 that the scored tokens stand for; null if the tokenizer is not known.</param>
public sealed record LossShares(
    IReadOnlyList<int> Block, IReadOnlyList<long> Document, IReadOnlyList<int> Tokens, IReadOnlyList<double> Loss, IReadOnlyList<long>? Bytes = null);
