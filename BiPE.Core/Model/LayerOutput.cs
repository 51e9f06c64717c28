namespace BiPE.Core.Model;

/// <summary>An intermediate result of a model.</summary>
/// <param name="Name">What it is, in words.</param>
/// <param name="ParameterPrefixes">How the names of the parameters that make it begin.</param>
internal sealed record LayerOutput(string Name, params IReadOnlyList<string> ParameterPrefixes)
{
    /// <summary>Token embedding and what is added to it.</summary>
    public static LayerOutput Embedding { get; } = new("the embedding", "model.embed");

    /// <summary>The final norm.</summary>
    public static LayerOutput FinalNorm { get; } = new("the final norm", "model.norm.");

    /// <summary>The language-model head.</summary>
    public static LayerOutput Logits { get; } = new("the logits", "lm_head.");

    /// <summary>A layer's first half.</summary>
    /// <param name="layer">The layer, from 0.</param>
    public static LayerOutput Attention(int layer) =>
        new($"layer {layer} attention output", $"model.layers.{layer}.self_attn.", $"model.layers.{layer}.input_layernorm.");

    /// <summary>A layer's second half.</summary>
    /// <param name="layer">The layer, from 0.</param>
    public static LayerOutput Mlp(int layer) =>
        new($"layer {layer} MLP output", $"model.layers.{layer}.mlp.", $"model.layers.{layer}.post_attention_layernorm.");
}
