using BiPE.Core.Data;

namespace BiPE.Core.Evaluation;

/// <summary>All documents joined and cut into blocks, the last one shorter; every predicted token counts once and alike.</summary>
public sealed class ExactProtocol : IBlockProtocol
{
    /// <inheritdoc/>
    public string Name => "exact";

    /// <inheritdoc/>
    public IEnumerable<TextBlock> Blocks(IDocumentSource documents, int blockSize)
    {
        ArgumentNullException.ThrowIfNull(documents);
        long count = documents.TokenCount;
        for (long start = 0; start + 1 < count; start += blockSize)
        {
            yield return new TextBlock(start, (int)Math.Min(blockSize, count - start));
        }
    }

    /// <inheritdoc/>
    public double Weight(int scoredTokens) => scoredTokens;
}
