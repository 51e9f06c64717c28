namespace BiPE.Core.Tensors;

/// <summary>
/// Where tensors live and are computed. Operations are transformer-sized, each with its gradient; destinations come first.
/// A backend must write memory, <see cref="MatMul"/> and the elementwise group; every other operation has a default body that
/// computes on the host with <see cref="Reference.ReferenceOperations{T}"/>. Where no element type is said, a tensor is of the
/// activations' or of the statistics' type; others are only stored, copied and converted. Backends check nothing:
/// <see cref="ValidatingBackend"/> does. Calls come from one thread and take effect in order.
/// </summary>
public partial interface ITensorBackend : IDisposable
{
    /// <summary>What the backend is and computes in.</summary>
    BackendInfo Info { get; }
}
