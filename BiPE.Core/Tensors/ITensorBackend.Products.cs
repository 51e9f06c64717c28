using BiPE.Core.Tensors.Reference;

namespace BiPE.Core.Tensors;

public partial interface ITensorBackend
{
    /// <summary>destination (=|+=) alpha * op(a) op(b), all of two axes.</summary>
    /// <param name="destination"><c>[M, N]</c>.</param>
    /// <param name="a"><c>[M, K]</c>, or <c>[K, M]</c> transposed.</param>
    /// <param name="b"><c>[K, N]</c>, or <c>[N, K]</c> transposed. Of a's type, or transposed with a of the activations' type also of <see cref="BackendInfo.FrozenType"/>.</param>
    /// <param name="options">Transposes, factor, mode.</param>
    void MatMul(Tensor destination, Tensor a, Tensor b, MatMulOptions options = default);

    /// <summary>
    /// Promises that a matrix, until it is released, is only downloaded and read as the transposed second factor of <see cref="MatMul"/>,
    /// whole or as a slice of its rows. A backend may store it as its products read it, and save the work of arranging it for each of them.
    /// </summary>
    /// <param name="factor"><c>[N, K]</c> of the activations' or of <see cref="BackendInfo.FrozenType"/>, all of an allocation; it may be frozen already.</param>
    void FreezeFactor(Tensor factor)
    {
    }

    /// <summary><see cref="MatMul"/> for each index of the outermost of three axes.</summary>
    /// <param name="destination"><c>[groups, M, N]</c>.</param>
    /// <param name="a"><c>[groups, M, K]</c>, or <c>[groups, K, M]</c> transposed.</param>
    /// <param name="b"><c>[groups, K, N]</c>, or <c>[groups, N, K]</c> transposed.</param>
    /// <param name="options">Transposes, factor, mode.</param>
    void BatchedMatMul(Tensor destination, Tensor a, Tensor b, MatMulOptions options = default) =>
        HostOperations.BatchedMatMul(this, destination, a, b, options);
}
