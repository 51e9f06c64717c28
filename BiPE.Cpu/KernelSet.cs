using BiPE.Core.Tensors;
using BiPE.Cpu.Kernels;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu;

/// <summary>The kernels of one vector width, chosen once, behind calls on pointers.</summary>
internal abstract unsafe class KernelSet
{
    public static KernelSet Of(SimdWidth width) => width switch
    {
        SimdWidth.Bits512 => new KernelSet<Simd512, System.Runtime.Intrinsics.Vector512<float>>(),
        SimdWidth.Bits256 => new KernelSet<Simd256, System.Runtime.Intrinsics.Vector256<float>>(),
        SimdWidth.Bits128 => new KernelSet<Simd128, System.Runtime.Intrinsics.Vector128<float>>(),
        SimdWidth.Scalar => new KernelSet<SimdScalar, float>(),
        _ => throw new ArgumentOutOfRangeException(nameof(width), width, "Unknown vector width."),
    };

    public abstract void MatMul(KernelContext context, in MatMulOperands product);

    public abstract bool TryFreeze(KernelContext context, float* factor, nint rows, nint columns);

    public abstract bool TryFreeze(KernelContext context, ushort* factor, nint rows, nint columns);

    public abstract void ReadFrozen(ushort* destination, ushort* factor, nint rows, nint columns, nint first, nint count);

    public abstract void ReadFrozen(float* destination, float* factor, nint rows, nint columns, nint first, nint count);

    public abstract void Gather(KernelContext context, float* destination, float* table, int* ids, nint rows, nint columns, bool accumulates);

    public abstract void Gather(KernelContext context, float* destination, ushort* table, int* ids, nint rows, nint columns, bool accumulates);

    public abstract void ScatterAdd(KernelContext context, float* destination, float* source, int* ids, nint rows, nint columns, int skippedId);

    public abstract void RmsNorm(
        KernelContext context, float* destination, float* inverseRms, float* source, float* weight, nint rows, nint columns, double epsilon);

    public abstract void RmsNormBackward(
        KernelContext context, float* sourceGradient, bool accumulatesSource, float* weightGradient, bool accumulatesWeight,
        float* gradient, float* source, float* inverseRms, float* weight, nint rows, nint columns);

    public abstract void Rotate(
        KernelContext context, float* packed, nint rows, nint rowLength, nint heads, nint size,
        float* cosine, float* sine, nint half, int* positions, bool transposed);

    public abstract void SwiGlu(KernelContext context, float* destination, float* gateUp, nint rows, nint columns);

    public abstract void SwiGluBackward(KernelContext context, float* gateUpGradient, float* gradient, float* gateUp, nint rows, nint columns);

    public abstract void Attention(KernelContext context, float* destination, float* logSumExp, in AttentionOperands operands);

    public abstract void AttentionBackward(KernelContext context, in AttentionBackwardOperands gradients, in AttentionOperands operands);

    public abstract void CrossEntropy(
        KernelContext context, float* losses, float* logits, int* labels, nint rows, nint columns, CrossEntropyOptions options);

    public abstract void Add(KernelContext context, float* destination, float* a, float* b, nint count);

    public abstract void Multiply(KernelContext context, float* destination, float* a, float* b, nint count, bool accumulates);

    public abstract void AddScaled(KernelContext context, float* destination, float* source, nint count, float alpha);

    public abstract void Scale(KernelContext context, float* destination, float* source, nint count, float alpha);

    public abstract void Unary(KernelContext context, float* destination, float* source, nint count, UnaryKind kind);

    public abstract void UnaryBackward(
        KernelContext context, float* sourceGradient, float* gradient, float* source, nint count, UnaryKind kind, bool accumulates);

    public abstract void SoftmaxRows(KernelContext context, float* destination, float* source, nint rows, nint queries, nint keys, bool causal);

    public abstract void SoftmaxRowsBackward(
        KernelContext context, float* sourceGradient, float* gradient, float* output, nint rows, nint keys, bool accumulates);

    public abstract void CumulativeSum(KernelContext context, float* destination, float* source, nint rows, nint columns, bool fromEnd);

    public abstract void InterpolateRows(
        KernelContext context, float* destination, float* table, float* positions, nint rows, nint columns, nint count);

    public abstract void InterpolateRowsBackward(
        KernelContext context, float* tableGradient, float* positionGradient, float* gradient, float* table, float* positions,
        nint rows, nint columns, nint count);

    public abstract void SumRows(KernelContext context, float* destination, float* source, nint rows, nint columns, bool accumulates);

    public abstract double SumOfSquares(KernelContext context, float* source, nint count);

    public abstract void AdamW(
        KernelContext context, float* parameter, float* gradient, float* firstMoment, float* secondMoment, nint count, double clipFactor, in AdamWOptions options);
}
