using BiPE.Core.Autograd;
using BiPE.Core.Positions.Rotary;
using BiPE.Core.Positions.Scores;
using BiPE.Core.Tensors;

namespace BiPE.Core.Positions.Attention;

/// <summary>What an encoding gives the attention kernel for one pass.</summary>
/// <param name="Rotary">Rotation of queries and keys, or null.</param>
/// <param name="Bias">Bias of the scores, or null.</param>
public sealed record AttentionTerms(RotaryTables? Rotary, AttentionBiasVariable? Bias)
{
    /// <summary>Encoding that reads the scores, or null; attention is composed of small operations if there is one.</summary>
    public ScoreTerms? Scores { get; init; }

    /// <summary>Int32 numbers of documents <c>[batch, time]</c>, of which none sees another; null for one document a row.</summary>
    public Tensor? Documents { get; init; }

    /// <summary>The terms of some tokens of a single row, whose attention sees them and all tokens before them.</summary>
    /// <param name="first">First token.</param>
    /// <param name="count">Number of tokens.</param>
    /// <returns>Rotations of these tokens, and the bias of keys 0 .. first + count - 1; views of the row's own tensors.</returns>
    public AttentionTerms Window(int first, int count) => new(
        Rotary is null ? null : Rotary with { Positions = PartOfRow(Rotary.Positions, first, count) },
        Bias is null ? null : Bias with { Positions = PartOfRow(Bias.Positions, 0, first + count) })
    {
        Scores = Scores is null ? null : Scores with { FirstQuery = first, QueryCount = count },
    };

    private static Tensor PartOfRow(Tensor positions, int first, int count) =>
        positions.Reshape(checked((int)positions.Count)).Slice(first, count).Reshape(1, count);
}
