using BiPE.Core.Tensors;

namespace BiPE.Core.Autograd;

/// <summary>How to compute a variable's value again, the same bits, from values that the backward pass still has.</summary>
/// <param name="Scope">Owner of the value's memory.</param>
/// <param name="Compute">Allocates and computes.</param>
/// <param name="IsProduct">Whether that takes a matrix product, not just a pass over memory.</param>
internal sealed record Recomputation(TensorScope Scope, Func<Tensor> Compute, bool IsProduct);
