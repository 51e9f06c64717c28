using BiPE.Core.Model;
using BiPE.Core.Positions.Attention;
using BiPE.Core.Positions.Scores;

namespace BiPE.Core.Positions;

/// <summary>Describes an encoding of the attention: over tokens as it is, over segments the inter-segment level of a bilevel encoding.</summary>
/// <param name="Name">Its name in configurations; over segments with <c>bipe_</c> before it.</param>
/// <param name="Summary">What it does, in a line.</param>
/// <param name="Paper">Where it is from.</param>
/// <param name="Create">Makes it; null stands for no encoding.</param>
public sealed record AttentionEncodingKind(string Name, string Summary, string Paper, Func<EncodingContext, IAttentionEncoding?> Create)
    : PositionEncodingKind(Name, Summary, Paper)
{
    /// <summary>Whether it rotates queries and keys, so that <c>rope_theta</c>, <c>rope_scaling</c> and <c>partial_rotary_factor</c> mean something.</summary>
    public bool IsRotary { get; init; }

    /// <summary>Makes the part that reads attention's scores, whose memory then grows with the square of the length; or null.</summary>
    public Func<EncodingContext, IScoreEncoding>? CreateScores { get; init; }

    /// <summary>
    /// How many numbers a training step keeps for every pair of positions of a row, beside the queries and keys; null for none, as where
    /// a table of distances will do.
    /// </summary>
    public Func<ModelConfig, long>? NumbersPerPair { get; init; }

    /// <summary>Makes what changes ids in training, or null if nothing does.</summary>
    public Func<EncodingContext, IPositionTransform>? CreateTransform { get; init; }
}
