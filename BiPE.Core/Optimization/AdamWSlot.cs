using BiPE.Core.Autograd;
using BiPE.Core.Tensors;

namespace BiPE.Core.Optimization;

/// <summary>A trained parameter and its moments.</summary>
/// <param name="Parameter">The parameter.</param>
/// <param name="FirstMoment">Mean of gradients, of the parameter's shape.</param>
/// <param name="SecondMoment">Mean of squared gradients.</param>
public sealed record AdamWSlot(Parameter Parameter, Tensor FirstMoment, Tensor SecondMoment);
