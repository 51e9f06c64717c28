using BiPE.Core.Data;
using BiPE.Core.Evaluation.Results;

namespace BiPE.Core.Evaluation;

/// <summary>
/// The last tokens of each block only, the same ones whatever the block size, so that block sizes differ in nothing but the context
/// before them: the text is cut into blocks of the longest size, and a shorter block ends where its longest one does.
/// </summary>
/// <param name="lastTokens">Tokens scored a block, at least 1.</param>
/// <param name="longestBlock">The longest block size that is compared, at least 1.</param>
/// <param name="withinDocuments">Whether blocks are cut from each document for itself, rather than from all documents joined.</param>
public sealed class LastProtocol(int lastTokens, int longestBlock, bool withinDocuments = false) : IBlockProtocol
{
    private readonly int _lastTokens = lastTokens > 0
        ? lastTokens
        : throw new ArgumentOutOfRangeException(nameof(lastTokens), lastTokens, "Nothing would be scored; expected a positive number of tokens.");

    private readonly int _longestBlock = longestBlock > 0
        ? longestBlock
        : throw new ArgumentOutOfRangeException(nameof(longestBlock), longestBlock, "The text would never end; expected a positive number of tokens.");

    /// <inheritdoc/>
    public string Name => "last";

    /// <inheritdoc/>
    public IEnumerable<TextBlock> Blocks(IDocumentSource documents, int blockSize, long maximumTokens = long.MaxValue)
    {
        if (_lastTokens >= blockSize)
        {
            throw new BipeException($"Blocks of {blockSize} tokens have no {_lastTokens} last tokens with a context before them; score fewer, or give a larger block size.");
        }

        return blockSize <= _longestBlock
            ? Ends(documents, blockSize, maximumTokens)
            : throw new ArgumentOutOfRangeException(nameof(blockSize), blockSize, $"Longer than the longest block of {_longestBlock}.");
    }

    /// <inheritdoc/>
    public double Weight(int scoredTokens) => scoredTokens;

    /// <inheritdoc/>
    public EvaluationSettings Describe(int blockSize, string precision) => new()
    {
        Protocol = Name, BlockSize = blockSize, LastTokens = _lastTokens, LongestBlock = _longestBlock, WithinDocuments = withinDocuments, Precision = precision,
    };

    private IEnumerable<TextBlock> Ends(IDocumentSource documents, int blockSize, long maximumTokens)
    {
        foreach (TextRange range in TextRange.Of(documents, withinDocuments, maximumTokens))
        {
            for (long start = range.Start; start + _longestBlock <= range.End && start < maximumTokens; start += _longestBlock)
            {
                yield return new TextBlock(start + _longestBlock - blockSize, blockSize, blockSize - _lastTokens);
            }
        }
    }
}
