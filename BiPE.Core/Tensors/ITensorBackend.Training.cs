using BiPE.Core.Tensors.Reference;

namespace BiPE.Core.Tensors;

public partial interface ITensorBackend
{
    /// <summary>destination[0] = sum of the squares of all elements of all sources, in their order; stays on the device.</summary>
    /// <param name="destination"><c>[1]</c> of the statistics type.</param>
    /// <param name="sources">Any shapes.</param>
    void SumOfSquares(Tensor destination, IReadOnlyList<Tensor> sources) => HostOperations.SumOfSquares(this, destination, sources);

    /// <summary>
    /// One AdamW step: p *= 1 - rate * decay; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
    /// p -= rate / (1 - beta1^step) * m / (sqrt(v) / sqrt(1 - beta2^step) + epsilon), with g clipped by the global norm.
    /// </summary>
    /// <param name="tensors">What is read and written.</param>
    /// <param name="sumOfSquares">Square of the norm over all gradients, <c>[1]</c>, from <see cref="SumOfSquares"/>; null for no clipping.</param>
    /// <param name="options">The step's numbers.</param>
    void AdamWStep(AdamWTensors tensors, Tensor? sumOfSquares, AdamWOptions options) =>
        HostOperations.AdamWStep(this, tensors, sumOfSquares, options);
}
