using BiPE.Core.Tensors;

namespace BiPE.Core.Autograd;

/// <summary>An attention bias whose table gradients may flow to; see <see cref="AttentionBias"/>.</summary>
/// <param name="Kind">How the table is read.</param>
/// <param name="Table">Slopes or table, of the statistics type.</param>
/// <param name="Positions">Int32 positions <c>[batch, time]</c>.</param>
public sealed record AttentionBiasVariable(AttentionBiasKind Kind, Variable Table, Tensor Positions);
