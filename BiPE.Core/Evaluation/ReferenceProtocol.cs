using BiPE.Core.Data;

namespace BiPE.Core.Evaluation;

/// <summary>
/// The arithmetic of the reference's eval.py: documents are joined 1000 at a time; of each group floor(tokens / block) - 1
/// blocks are kept, so the remainder and one whole block more are dropped; every block counts alike.
/// </summary>
public sealed class ReferenceProtocol : IBlockProtocol
{
    private const int GroupSize = 1000;

    /// <inheritdoc/>
    public string Name => "reference";

    /// <inheritdoc/>
    /// <remarks>What is dropped does not count as tokens.</remarks>
    public IEnumerable<TextBlock> Blocks(IDocumentSource documents, int blockSize, long maximumTokens = long.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(documents);
        long tokens = 0;
        for (long group = 0; group < documents.DocumentCount; group += GroupSize)
        {
            long start = documents.DocumentStart(group);
            long end = documents.DocumentStart(Math.Min(group + GroupSize, documents.DocumentCount));
            long kept = ((end - start) / blockSize) - 1;
            for (long block = 0; block < kept && tokens < maximumTokens; block++)
            {
                yield return new TextBlock(start + (block * blockSize), blockSize);
                tokens += blockSize;
            }
        }
    }

    /// <inheritdoc/>
    public double Weight(int scoredTokens) => 1;
}
