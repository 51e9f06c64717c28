namespace BiPE.Core.Evaluation;

/// <summary>All documents joined and cut into blocks, the last one shorter; every predicted token counts once and alike.</summary>
public sealed class ExactProtocol : IBlockProtocol
{
    /// <inheritdoc/>
    public string Name => "exact";

    /// <inheritdoc/>
    public IEnumerable<TokenRange> Blocks(DocumentTokens documents, int blockSize)
    {
        ArgumentNullException.ThrowIfNull(documents);
        int count = documents.Tokens.Length;
        for (int start = 0; start + 1 < count; start += blockSize)
        {
            yield return new TokenRange(start, Math.Min(blockSize, count - start));
        }
    }

    /// <inheritdoc/>
    public double Weight(int scoredTokens) => scoredTokens;
}
