using BiPE.Core.Tensors.Reference;

namespace BiPE.Core.Tensors;

public partial interface ITensorBackend
{
    /// <summary>
    /// losses[n] = logsumexp(logits[n, :]) - logits[n, labels[n]]; the logits become (softmax(logits[n, :]) - onehot) * scale
    /// in place if the options ask for the gradient.
    /// </summary>
    /// <param name="losses"><c>[N]</c> of the statistics type, in nats.</param>
    /// <param name="logits"><c>[N, V]</c>; overwritten.</param>
    /// <param name="labels">Int32, N elements in <c>0 .. V - 1</c>, or the ignored label.</param>
    /// <param name="options">Ignored label, gradient.</param>
    void CrossEntropy(Tensor losses, Tensor logits, Tensor labels, CrossEntropyOptions options) =>
        HostOperations.CrossEntropy(this, losses, logits, labels, options);
}
