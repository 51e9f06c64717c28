using BiPE.Core.Tensors.Reference;

namespace BiPE.Core.Tensors;

public partial interface ITensorBackend
{
    /// <summary>
    /// Causal softmax attention; scores are never stored as a whole. Keys and values that the mask hides must be finite too: they may be
    /// multiplied by a weight of 0 instead of left out, here and in the gradient.
    /// </summary>
    /// <param name="destination"><c>[batch, queries, heads, headDim]</c>.</param>
    /// <param name="logSumExp"><c>[batch, heads, queries]</c> of the statistics type: the logarithm of each softmax's denominator.</param>
    /// <param name="arguments">Queries, keys, values, bias, mask.</param>
    void Attention(Tensor destination, Tensor logSumExp, AttentionArguments arguments) =>
        HostOperations.Attention(this, destination, logSumExp, arguments);

    /// <summary>Gradient of <see cref="Attention"/> of a packed tensor.</summary>
    /// <param name="gradients">Where to write.</param>
    /// <param name="gradient"><c>[batch, time, heads, headDim]</c>, gradient of the destination.</param>
    /// <param name="output">The destination, as written.</param>
    /// <param name="logSumExp">As written.</param>
    /// <param name="arguments">As given.</param>
    void AttentionBackward(AttentionGradients gradients, Tensor gradient, Tensor output, Tensor logSumExp, AttentionArguments arguments) =>
        HostOperations.AttentionBackward(this, gradients, gradient, output, logSumExp, arguments);
}
