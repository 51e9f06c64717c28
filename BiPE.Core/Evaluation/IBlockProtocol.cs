using BiPE.Core.Data;
using BiPE.Core.Evaluation.Results;

namespace BiPE.Core.Evaluation;

/// <summary>Which blocks are scored and how their losses become one perplexity.</summary>
public interface IBlockProtocol
{
    /// <summary>Name on the command line.</summary>
    string Name { get; }

    /// <summary>The blocks, in order; positions start anew in each.</summary>
    /// <param name="documents">The tokens.</param>
    /// <param name="blockSize">Tokens a block, at least 2.</param>
    /// <param name="maximumTokens">Blocks that start beyond this many tokens are left out.</param>
    /// <exception cref="BipeException">The protocol does not fit the block size.</exception>
    IEnumerable<TextBlock> Blocks(IDocumentSource documents, int blockSize, long maximumTokens = long.MaxValue);

    /// <summary>Weight of a block's mean loss.</summary>
    /// <param name="scoredTokens">Predictions scored in the block.</param>
    double Weight(int scoredTokens);

    /// <summary>Everything that decides the blocks of a text.</summary>
    /// <param name="blockSize">Tokens a block.</param>
    /// <param name="precision">Element type that is computed with.</param>
    EvaluationSettings Describe(int blockSize, string precision) => new() { Protocol = Name, BlockSize = blockSize, Precision = precision };
}
