using BiPE.Core.Autograd;

namespace BiPE.Core.Positions.Scores;

/// <summary>
/// A position encoding that must read attention's scores to change them, so that they have to exist as a whole: attention is composed
/// of small operations then, and takes memory that grows with the square of the length (see <see cref="Model.ComposedAttention"/>).
/// </summary>
public interface IScoreEncoding
{
    /// <summary>Its learned parameters.</summary>
    IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Changes the scores of one layer.</summary>
    /// <param name="tape">Runs the operations.</param>
    /// <param name="scores">
    /// Scaled scores <c>[batch * heads, queries, keys]</c> of the statistics type, biases included; those of keys of other documents are
    /// so low that a gate lets nothing through, and what comes after a query is masked later.
    /// </param>
    /// <param name="query">Queries <c>[batch * heads, queries, headDim]</c>, not scaled.</param>
    /// <param name="terms">Where the queries stand.</param>
    /// <param name="layer">Number of the layer, from 0.</param>
    /// <returns>Scores for the softmax.</returns>
    Variable Modify(Tape tape, Variable scores, Variable query, ScoreTerms terms, int layer);
}
