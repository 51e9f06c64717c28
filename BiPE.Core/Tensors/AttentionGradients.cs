namespace BiPE.Core.Tensors;

/// <summary>Where the backward pass of packed attention writes.</summary>
/// <param name="Packed">Gradient of the packed queries, keys and values, of their shape.</param>
/// <param name="PackedMode">Whether it is replaced or added to.</param>
/// <param name="BiasTable">Gradient of the bias table (<see cref="AttentionBiasKind.PerDistance"/>, <see cref="AttentionBiasKind.PerPair"/>), or null.</param>
/// <param name="BiasTableMode">Whether it is replaced or added to.</param>
public sealed record AttentionGradients(
    Tensor Packed, WriteMode PackedMode, Tensor? BiasTable = null, WriteMode BiasTableMode = WriteMode.Overwrite);
