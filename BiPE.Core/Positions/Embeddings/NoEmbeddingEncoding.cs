namespace BiPE.Core.Positions.Embeddings;

/// <summary>No encoding of the embedding: the ablation without an intra-segment level (He et al. 2024, arXiv 2401.16421, section 4).</summary>
public static class NoEmbeddingEncoding
{
    /// <summary>Its description.</summary>
    public static EmbeddingEncodingKind Kind { get; } = new(
        "none", "nothing; tokens of a segment are not told apart", "He et al. 2024, arXiv 2401.16421, ablation", _ => null);
}
