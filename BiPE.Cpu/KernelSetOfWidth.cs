using BiPE.Core.Tensors;
using BiPE.Cpu.Kernels;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu;

/// <summary>The kernels compiled for one vector width.</summary>
internal sealed unsafe class KernelSet<TSimd, TVector> : KernelSet
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    public override void MatMul(KernelContext context, in MatMulOperands product) => MatMulKernel<TSimd, TVector>.Multiply(context, product);

    public override bool TryFreeze(KernelContext context, float* factor, nint rows, nint columns) =>
        FrozenFactor<TSimd, TVector>.TryFreeze(context, factor, rows, columns);

    public override void ReadFrozen(float* destination, float* factor, nint rows, nint columns, nint first, nint count) =>
        FrozenFactor<TSimd, TVector>.Read(destination, factor, rows, columns, first, count);

    public override bool TryFreeze(KernelContext context, ushort* factor, nint rows, nint columns) =>
        FrozenFactor<TSimd, TVector>.TryFreeze(context, factor, rows, columns);

    public override void ReadFrozen(ushort* destination, ushort* factor, nint rows, nint columns, nint first, nint count) =>
        FrozenFactor<TSimd, TVector>.Read(destination, factor, rows, columns, first, count);

    public override void Gather(KernelContext context, float* destination, ushort* table, int* ids, nint rows, nint columns, bool accumulates) =>
        RowsKernel<TSimd, TVector>.Gather(context, destination, table, ids, rows, columns, accumulates);

    public override void Gather(KernelContext context, float* destination, float* table, int* ids, nint rows, nint columns, bool accumulates) =>
        RowsKernel<TSimd, TVector>.Gather(context, destination, table, ids, rows, columns, accumulates);

    public override void ScatterAdd(KernelContext context, float* destination, float* source, int* ids, nint rows, nint columns, int skippedId) =>
        RowsKernel<TSimd, TVector>.ScatterAdd(context, destination, source, ids, rows, columns, skippedId);

    public override void RmsNorm(
        KernelContext context, float* destination, float* inverseRms, float* source, float* weight, nint rows, nint columns, double epsilon) =>
        RmsNormKernel<TSimd, TVector>.Forward(context, destination, inverseRms, source, weight, rows, columns, epsilon);

    public override void RmsNormBackward(
        KernelContext context, float* sourceGradient, bool accumulatesSource, float* weightGradient, bool accumulatesWeight,
        float* gradient, float* source, float* inverseRms, float* weight, nint rows, nint columns) =>
        RmsNormKernel<TSimd, TVector>.Backward(
            context, sourceGradient, accumulatesSource, weightGradient, accumulatesWeight, gradient, source, inverseRms, weight, rows, columns);

    public override void Rotate(
        KernelContext context, float* packed, nint rows, nint rowLength, nint heads, nint size,
        float* cosine, float* sine, nint half, int* positions, bool transposed) =>
        RotateKernel<TSimd, TVector>.Rotate(context, packed, rows, rowLength, heads, size, cosine, sine, half, positions, transposed);

    public override void SwiGlu(KernelContext context, float* destination, float* gateUp, nint rows, nint columns) =>
        SwiGluKernel<TSimd, TVector>.Forward(context, destination, gateUp, rows, columns);

    public override void SwiGluBackward(KernelContext context, float* gateUpGradient, float* gradient, float* gateUp, nint rows, nint columns) =>
        SwiGluKernel<TSimd, TVector>.Backward(context, gateUpGradient, gradient, gateUp, rows, columns);

    public override void Attention(KernelContext context, float* destination, float* logSumExp, in AttentionOperands operands) =>
        AttentionForward<TSimd, TVector>.Compute(context, destination, logSumExp, operands);

    public override void AttentionBackward(KernelContext context, in AttentionBackwardOperands gradients, in AttentionOperands operands) =>
        AttentionBackward<TSimd, TVector>.Compute(context, gradients, operands);

    public override void CrossEntropy(
        KernelContext context, float* losses, float* logits, int* labels, nint rows, nint columns, CrossEntropyOptions options) =>
        CrossEntropyKernel<TSimd, TVector>.Compute(
            context, losses, logits, labels, rows, columns, options.IgnoredLabel, options.WritesGradient, options.GradientScale);

    public override void Add(KernelContext context, float* destination, float* a, float* b, nint count) =>
        ElementwiseKernels<TSimd, TVector>.Run<AddOperation>(context, destination, a, b, count);

    public override void Multiply(KernelContext context, float* destination, float* a, float* b, nint count, bool accumulates) =>
        ElementwiseKernels<TSimd, TVector>.Run<MultiplyOperation>(context, destination, a, b, count, 1, accumulates);

    public override void AddScaled(KernelContext context, float* destination, float* source, nint count, float alpha) =>
        ElementwiseKernels<TSimd, TVector>.Run<ScaleOperation>(context, destination, source, source, count, alpha, accumulate: true);

    public override void Scale(KernelContext context, float* destination, float* source, nint count, float alpha) =>
        ElementwiseKernels<TSimd, TVector>.Run<ScaleOperation>(context, destination, source, source, count, alpha);

    public override void Unary(KernelContext context, float* destination, float* source, nint count, UnaryKind kind) =>
        ElementwiseKernels<TSimd, TVector>.Unary(context, destination, source, count, kind);

    public override void UnaryBackward(
        KernelContext context, float* sourceGradient, float* gradient, float* source, nint count, UnaryKind kind, bool accumulates) =>
        ElementwiseKernels<TSimd, TVector>.UnaryBackward(context, sourceGradient, gradient, source, count, kind, accumulates);

    public override void SoftmaxRows(KernelContext context, float* destination, float* source, nint rows, nint queries, nint keys, bool causal) =>
        SoftmaxKernel<TSimd, TVector>.Forward(context, destination, source, rows, queries, keys, causal);

    public override void SoftmaxRowsBackward(
        KernelContext context, float* sourceGradient, float* gradient, float* output, nint rows, nint keys, bool accumulates) =>
        SoftmaxKernel<TSimd, TVector>.Backward(context, sourceGradient, gradient, output, rows, keys, accumulates);

    public override void CumulativeSum(KernelContext context, float* destination, float* source, nint rows, nint columns, bool fromEnd) =>
        ReductionKernels<TSimd, TVector>.CumulativeSum(context, destination, source, rows, columns, fromEnd);

    public override void InterpolateRows(
        KernelContext context, float* destination, float* table, float* positions, nint rows, nint columns, nint count) =>
        InterpolationKernel.Forward(context, destination, table, positions, rows, columns, count);

    public override void InterpolateRowsBackward(
        KernelContext context, float* tableGradient, float* positionGradient, float* gradient, float* table, float* positions,
        nint rows, nint columns, nint count) =>
        InterpolationKernel.Backward(context, tableGradient, positionGradient, gradient, table, positions, rows, columns, count);

    public override void SumRows(KernelContext context, float* destination, float* source, nint rows, nint columns, bool accumulates) =>
        ReductionKernels<TSimd, TVector>.SumRows(context, destination, source, rows, columns, accumulates);

    public override double SumOfSquares(KernelContext context, float* source, nint count) =>
        ReductionKernels<TSimd, TVector>.SumOfSquares(context, source, count);

    public override void AdamW(
        KernelContext context, float* parameter, float* gradient, float* firstMoment, float* secondMoment, nint count,
        double clipFactor, in AdamWOptions options) =>
        AdamWKernel<TSimd, TVector>.Step(context, parameter, gradient, firstMoment, secondMoment, count, clipFactor, options);
}
