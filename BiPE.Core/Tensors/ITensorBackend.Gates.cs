using BiPE.Core.Tensors.Reference;

namespace BiPE.Core.Tensors;

public partial interface ITensorBackend
{
    /// <summary>destination = silu(gate) * up (Shazeer 2020, arXiv 2002.05202).</summary>
    /// <param name="destination"><c>[N, F]</c>.</param>
    /// <param name="gateUp"><c>[N, 2F]</c>: a row's gate values, then its up values.</param>
    void SwiGlu(Tensor destination, Tensor gateUp) => HostOperations.SwiGlu(this, destination, gateUp);

    /// <summary>Gradient of <see cref="SwiGlu"/>.</summary>
    /// <param name="gateUpGradient"><c>[N, 2F]</c>, replaced; may be <paramref name="gateUp"/> itself.</param>
    /// <param name="gradient"><c>[N, F]</c>.</param>
    /// <param name="gateUp"><c>[N, 2F]</c>.</param>
    void SwiGluBackward(Tensor gateUpGradient, Tensor gradient, Tensor gateUp) =>
        HostOperations.SwiGluBackward(this, gateUpGradient, gradient, gateUp);
}
