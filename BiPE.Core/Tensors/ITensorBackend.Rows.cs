using BiPE.Core.Tensors.Reference;

namespace BiPE.Core.Tensors;

public partial interface ITensorBackend
{
    /// <summary>destination[n, :] (=|+=) table[ids[n], :].</summary>
    /// <param name="destination"><c>[N, C]</c>.</param>
    /// <param name="table"><c>[V, C]</c> of the destination's type, or of <see cref="BackendInfo.FrozenType"/> for a destination of the activations' type.</param>
    /// <param name="ids">Int32, N elements in <c>0 .. V - 1</c>.</param>
    /// <param name="mode">Whether rows replace the destination or are added to it.</param>
    void GatherRows(Tensor destination, Tensor table, Tensor ids, WriteMode mode = WriteMode.Overwrite) =>
        HostOperations.GatherRows(this, destination, table, ids, mode);

    /// <summary>destination[ids[n], :] += source[n, :], in the order of n; the gradient of <see cref="GatherRows"/>.</summary>
    /// <param name="destination"><c>[V, C]</c>; set to zero first if the mode is <see cref="WriteMode.Overwrite"/>.</param>
    /// <param name="source"><c>[N, C]</c>.</param>
    /// <param name="ids">Int32, N elements in <c>0 .. V - 1</c>.</param>
    /// <param name="skippedId">Rows with this id are left out (a padding row gets no gradient); -1 for none.</param>
    /// <param name="mode">Whether the sums replace the destination or are added to it.</param>
    void ScatterAddRows(Tensor destination, Tensor source, Tensor ids, int skippedId, WriteMode mode) =>
        HostOperations.ScatterAddRows(this, destination, source, ids, skippedId, mode);

    /// <summary>
    /// destination = source * inverseRms * weight with inverseRms = 1 / sqrt(mean(source^2) + epsilon) of each row
    /// (Zhang and Sennrich 2019, arXiv 1910.07467), computed in the statistics type.
    /// </summary>
    /// <param name="destination"><c>[N, C]</c>.</param>
    /// <param name="inverseRms"><c>[N]</c> of the statistics type, written for the gradient.</param>
    /// <param name="source"><c>[N, C]</c>.</param>
    /// <param name="weight"><c>[C]</c>.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    void RmsNorm(Tensor destination, Tensor inverseRms, Tensor source, Tensor weight, double epsilon) =>
        HostOperations.RmsNorm(this, destination, inverseRms, source, weight, epsilon);

    /// <summary>Gradient of <see cref="RmsNorm"/>.</summary>
    /// <param name="sourceGradient"><c>[N, C]</c>.</param>
    /// <param name="sourceMode">Whether it is replaced or added to.</param>
    /// <param name="weightGradient"><c>[C]</c>, or null for a frozen weight.</param>
    /// <param name="weightMode">Whether it is replaced or added to.</param>
    /// <param name="gradient"><c>[N, C]</c>, gradient of the norm's destination.</param>
    /// <param name="source"><c>[N, C]</c>, as given to the norm.</param>
    /// <param name="inverseRms"><c>[N]</c>, as written by the norm.</param>
    /// <param name="weight"><c>[C]</c>.</param>
    void RmsNormBackward(
        Tensor sourceGradient, WriteMode sourceMode, Tensor? weightGradient, WriteMode weightMode,
        Tensor gradient, Tensor source, Tensor inverseRms, Tensor weight) =>
        HostOperations.RmsNormBackward(this, sourceGradient, sourceMode, weightGradient, weightMode, gradient, source, inverseRms, weight);

    /// <summary>Rotates heads of a packed tensor in place; its gradient is the same with <see cref="RotateArguments.Transposed"/> turned.</summary>
    /// <param name="packed"><c>[batch, time, heads, headDim]</c>.</param>
    /// <param name="arguments">Which heads, tables and positions.</param>
    void Rotate(Tensor packed, RotateArguments arguments) => HostOperations.Rotate(this, packed, arguments);
}
