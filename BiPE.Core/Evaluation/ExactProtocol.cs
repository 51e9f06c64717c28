using BiPE.Core.Data;
using BiPE.Core.Evaluation.Results;

namespace BiPE.Core.Evaluation;

/// <summary>Text cut into blocks one after the other, the last one shorter; every predicted token counts once and alike.</summary>
/// <param name="withinDocuments">Whether blocks are cut from each document for itself, rather than from all documents joined.</param>
public sealed class ExactProtocol(bool withinDocuments = false) : IBlockProtocol
{
    /// <inheritdoc/>
    public string Name => "exact";

    /// <inheritdoc/>
    public IEnumerable<TextBlock> Blocks(IDocumentSource documents, int blockSize, long maximumTokens = long.MaxValue)
    {
        foreach (TextRange range in TextRange.Of(documents, withinDocuments, maximumTokens))
        {
            for (long start = range.Start; start + 1 < range.End && start < maximumTokens; start += blockSize)
            {
                yield return new TextBlock(start, (int)Math.Min(blockSize, range.End - start));
            }
        }
    }

    /// <inheritdoc/>
    public double Weight(int scoredTokens) => scoredTokens;

    /// <inheritdoc/>
    public EvaluationSettings Describe(int blockSize, string precision) =>
        new() { Protocol = Name, BlockSize = blockSize, WithinDocuments = withinDocuments, Precision = precision };
}
