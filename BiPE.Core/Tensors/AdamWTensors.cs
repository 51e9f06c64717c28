namespace BiPE.Core.Tensors;

/// <summary>What one AdamW step reads and writes for one parameter; all of the parameter's shape.</summary>
/// <param name="Parameter">Master weights, updated.</param>
/// <param name="Gradient">Gradient before clipping, read.</param>
/// <param name="FirstMoment">Mean of gradients, updated.</param>
/// <param name="SecondMoment">Mean of squared gradients, updated.</param>
/// <param name="ComputeCopy">Narrower copy that the products read, written; null if the master weights are used themselves.</param>
public sealed record AdamWTensors(Tensor Parameter, Tensor Gradient, Tensor FirstMoment, Tensor SecondMoment, Tensor? ComputeCopy = null);
