namespace BiPE.Core.Tensors;

/// <summary>A bias added to attention scores in float32, relative to the query, as data that fused kernels read.</summary>
/// <param name="Kind">How the table is read.</param>
/// <param name="Table">Slopes or table; see <see cref="AttentionBiasKind"/> for its shape. Of the backend's statistics type.</param>
/// <param name="Positions">Int32 positions <c>[batch, keys]</c> of the keys; a query's position is that of its own key.
/// They must not decrease within a document, or along a row without documents, so that distances that a query sees are never negative.</param>
public sealed record AttentionBias(AttentionBiasKind Kind, Tensor Table, Tensor Positions);
