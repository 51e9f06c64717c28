using BiPE.Core.Data;
using BiPE.Core.Evaluation.Results;

namespace BiPE.Core.Evaluation;

/// <summary>
/// The last tokens of each block only, the same ones whatever the block size, so that block sizes differ in nothing but the context
/// before them: the text is cut into blocks of the longest size, and a shorter block ends where its longest one does.
/// </summary>
/// <param name="lastTokens">Tokens scored a block.</param>
/// <param name="longestBlock">The longest block size that is compared.</param>
/// <param name="withinDocuments">Whether blocks are cut from each document for itself, rather than from all documents joined.</param>
public sealed class LastProtocol(int lastTokens, int longestBlock, bool withinDocuments = false) : IBlockProtocol
{
    /// <inheritdoc/>
    public string Name => "last";

    /// <inheritdoc/>
    public IEnumerable<TextBlock> Blocks(IDocumentSource documents, int blockSize, long maximumTokens = long.MaxValue)
    {
        if (lastTokens >= blockSize)
        {
            throw new BipeException($"Blocks of {blockSize} tokens have no {lastTokens} last tokens with a context before them; score fewer, or give a larger block size.");
        }

        return blockSize <= longestBlock
            ? Ends(documents, blockSize, maximumTokens)
            : throw new ArgumentOutOfRangeException(nameof(blockSize), blockSize, $"Longer than the longest block of {longestBlock}.");
    }

    /// <inheritdoc/>
    public double Weight(int scoredTokens) => scoredTokens;

    /// <inheritdoc/>
    public EvaluationSettings Describe(int blockSize, string precision) => new()
    {
        Protocol = Name, BlockSize = blockSize, LastTokens = lastTokens, LongestBlock = longestBlock, WithinDocuments = withinDocuments, Precision = precision,
    };

    private IEnumerable<TextBlock> Ends(IDocumentSource documents, int blockSize, long maximumTokens)
    {
        foreach (TextRange range in TextRange.Of(documents, withinDocuments, maximumTokens))
        {
            for (long start = range.Start; start + longestBlock <= range.End && start < maximumTokens; start += longestBlock)
            {
                yield return new TextBlock(start + longestBlock - blockSize, blockSize, blockSize - lastTokens);
            }
        }
    }
}
