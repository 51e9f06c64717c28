namespace BiPE.Core.Positions.Attention;

/// <summary>
/// No encoding of the attention, which the causal mask alone tells where tokens are (NoPE: Kazemnejad et al. 2023, arXiv 2305.19466).
/// Over segments it is the ablation without an inter-segment level.
/// </summary>
public static class NoAttentionEncoding
{
    /// <summary>Its description.</summary>
    public static AttentionEncodingKind Kind { get; } = new(
        "nope", "no encoding; the causal mask alone", "Kazemnejad et al. 2023, arXiv 2305.19466", _ => null);
}
