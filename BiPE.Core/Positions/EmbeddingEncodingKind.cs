using BiPE.Core.Positions.Embeddings;

namespace BiPE.Core.Positions;

/// <summary>Describes an absolute encoding of the embedding: over tokens alone a baseline, over offsets the intra-segment level.</summary>
/// <param name="Name">Its name in configurations: alone, or after the <c>+</c> of a bilevel name.</param>
/// <param name="Summary">What it does, in a line.</param>
/// <param name="Paper">Where it is from.</param>
/// <param name="Create">Makes it; null stands for no encoding.</param>
public sealed record EmbeddingEncodingKind(string Name, string Summary, string Paper, Func<EncodingContext, IEmbeddingEncoding?> Create)
    : PositionEncodingKind(Name, Summary, Paper);
