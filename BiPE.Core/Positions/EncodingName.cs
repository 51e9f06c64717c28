namespace BiPE.Core.Positions;

/// <summary>
/// What a name of a position encoding means: an encoding of the attention, one of the embedding, and the streams that they read.
/// </summary>
/// <remarks>
/// <c>X</c> is attention's X over tokens, or, where X is an embedding's, that over tokens alone; <c>bipe_X</c> is X over segments with a
/// learned embedding of offsets; <c>bipe_X+Y</c> has Y for it, which may be <c>none</c>.
/// </remarks>
/// <param name="Attention">Encoding of the attention.</param>
/// <param name="Embedding">Encoding of the embedding.</param>
/// <param name="IsBilevel">Whether attention reads segments and the embedding offsets, instead of both tokens.</param>
public sealed record EncodingName(AttentionEncodingKind Attention, EmbeddingEncodingKind Embedding, bool IsBilevel)
{
    /// <summary>What names of bilevel encodings begin with.</summary>
    public const string BilevelPrefix = "bipe_";

    /// <summary>What stands between the two levels of a name.</summary>
    public const char Joint = '+';

    /// <summary>Stream that attention reads.</summary>
    public PositionStream AttentionStream => IsBilevel ? PositionStream.Segment : PositionStream.Token;

    /// <summary>Stream that the embedding reads.</summary>
    public PositionStream EmbeddingStream => IsBilevel ? PositionStream.Offset : PositionStream.Token;
}
