using BiPE.Core.Tensors.Reference;

namespace BiPE.Core.Tensors;

public partial interface ITensorBackend
{
    /// <summary>
    /// Softmax along the last axis. Causal: row q of <c>[..., queries, keys]</c> sees keys 0 .. q + keys - queries, the others
    /// get 0.
    /// </summary>
    /// <param name="destination"><c>[..., queries, keys]</c>, two or three axes; may be the source.</param>
    /// <param name="source">Scores of the same shape.</param>
    /// <param name="causal">Whether the mask is applied; it needs at least as many keys as queries.</param>
    void SoftmaxRows(Tensor destination, Tensor source, bool causal) => HostOperations.SoftmaxRows(this, destination, source, causal);

    /// <summary>sourceGradient (=|+=) (gradient - sum(gradient * output)) * output, of each row.</summary>
    /// <param name="sourceGradient">Written; may be the gradient.</param>
    /// <param name="gradient">Same shape.</param>
    /// <param name="output">What <see cref="SoftmaxRows"/> wrote.</param>
    /// <param name="mode">Whether the gradient replaces or is added.</param>
    void SoftmaxRowsBackward(Tensor sourceGradient, Tensor gradient, Tensor output, WriteMode mode = WriteMode.Overwrite) =>
        HostOperations.SoftmaxRowsBackward(this, sourceGradient, gradient, output, mode);

    /// <summary>Running sums along the last axis; its gradient is the same in the other direction.</summary>
    /// <param name="destination">Written; may be the source.</param>
    /// <param name="source">Same shape.</param>
    /// <param name="fromEnd">Whether element i is the sum of i and those after it instead of those before it.</param>
    void CumulativeSum(Tensor destination, Tensor source, bool fromEnd) => HostOperations.CumulativeSum(this, destination, source, fromEnd);

    /// <summary>
    /// destination[n, k] = table[n, positions[n, k]], interpolated between the two columns around a position; positions outside of
    /// 0 .. M - 1 count as the nearest of these ends.
    /// </summary>
    /// <param name="destination"><c>[N, K]</c>, or with more axes before the last; may be the positions.</param>
    /// <param name="table"><c>[N, M]</c>, as many rows as the destination.</param>
    /// <param name="positions">As the destination, none NaN.</param>
    void InterpolateRows(Tensor destination, Tensor table, Tensor positions) => HostOperations.InterpolateRows(this, destination, table, positions);

    /// <summary>
    /// Gradient of <see cref="InterpolateRows"/>. A position's is the slope between its two columns, that of the columns at and after it
    /// where it is whole, and 0 outside of 0 .. M - 1.
    /// </summary>
    /// <param name="tableGradient">As the table; written.</param>
    /// <param name="positionGradient">As the positions; written.</param>
    /// <param name="gradient">Gradient of the destination.</param>
    /// <param name="table">As given.</param>
    /// <param name="positions">As given.</param>
    void InterpolateRowsBackward(Tensor tableGradient, Tensor positionGradient, Tensor gradient, Tensor table, Tensor positions) =>
        HostOperations.InterpolateRowsBackward(this, tableGradient, positionGradient, gradient, table, positions);

    /// <summary>destination[c] (=|+=) sum over n of source[n, c].</summary>
    /// <param name="destination"><c>[C]</c>.</param>
    /// <param name="source"><c>[N, C]</c>.</param>
    /// <param name="mode">Whether the sums replace or are added.</param>
    void SumRows(Tensor destination, Tensor source, WriteMode mode = WriteMode.Overwrite) =>
        HostOperations.SumRows(this, destination, source, mode);
}
