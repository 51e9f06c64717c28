using BiPE.Core.Data;

namespace BiPE.Core.Evaluation;

/// <summary>Which blocks are scored and how their losses become one perplexity.</summary>
public interface IBlockProtocol
{
    /// <summary>Name on the command line.</summary>
    string Name { get; }

    /// <summary>The blocks, in order; positions start anew in each.</summary>
    /// <param name="documents">The tokens.</param>
    /// <param name="blockSize">Tokens a block, at least 2.</param>
    IEnumerable<TextBlock> Blocks(IDocumentSource documents, int blockSize);

    /// <summary>Weight of a block's mean loss.</summary>
    /// <param name="scoredTokens">Predictions scored in the block.</param>
    double Weight(int scoredTokens);
}
