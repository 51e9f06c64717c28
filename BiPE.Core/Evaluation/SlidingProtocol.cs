using BiPE.Core.Data;
using BiPE.Core.Evaluation.Results;

namespace BiPE.Core.Evaluation;

/// <summary>
/// A window that slides over the text by a stride: of the first window all predictions are scored, of each later one those that no
/// window before it has scored, its last stride tokens, so that every token but the first is scored once and with much context
/// (Hugging Face, "Perplexity of fixed-length models"). Every predicted token counts alike.
/// </summary>
/// <param name="stride">Tokens from a window's start to the next, at least 1.</param>
/// <param name="withinDocuments">Whether the window slides over each document for itself, rather than over all documents joined.</param>
public sealed class SlidingProtocol(int stride, bool withinDocuments = false) : IBlockProtocol
{
    private readonly int _stride = stride > 0
        ? stride
        : throw new ArgumentOutOfRangeException(nameof(stride), stride, "The window would never move; expected a positive number of tokens.");

    /// <inheritdoc/>
    public string Name => "sliding";

    /// <inheritdoc/>
    public IEnumerable<TextBlock> Blocks(IDocumentSource documents, int blockSize, long maximumTokens = long.MaxValue)
    {
        if (_stride > blockSize)
        {
            throw new BipeException($"The stride is {_stride}, longer than the window of {blockSize} tokens, so that some would never be scored; give a smaller stride.");
        }

        return Windows(documents, blockSize, maximumTokens);
    }

    /// <inheritdoc/>
    public double Weight(int scoredTokens) => scoredTokens;

    /// <inheritdoc/>
    public EvaluationSettings Describe(int blockSize, string precision) => new()
    {
        Protocol = Name, BlockSize = blockSize, Stride = _stride, WithinDocuments = withinDocuments, Precision = precision,
    };

    private IEnumerable<TextBlock> Windows(IDocumentSource documents, int blockSize, long maximumTokens)
    {
        foreach (TextRange range in TextRange.Of(documents, withinDocuments, maximumTokens))
        {
            long scored = range.Start + 1;
            for (long start = range.Start; scored < range.End && start < maximumTokens; start += _stride)
            {
                var window = new TextBlock(start, (int)Math.Min(blockSize, range.End - start));

                // A window as long as the stride cannot predict its first token.
                yield return window with { FirstScored = (int)Math.Max(1, scored - start) };
                scored = window.End;
            }
        }
    }
}
