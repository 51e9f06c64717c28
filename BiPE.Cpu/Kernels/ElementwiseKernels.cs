using BiPE.Core.Tensors;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>Elementwise operations; destinations may be their sources.</summary>
internal static unsafe class ElementwiseKernels<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    private const int ChunkSize = 16384;

    /// <summary>destination (=|+=) operation(a, b, factor).</summary>
    public static void Run<TOperation>(
        KernelContext context, float* destination, float* a, float* b, nint count, float factor = 1, bool accumulate = false)
        where TOperation : unmanaged, IElementwiseOperation =>
        context.Workers.Run(
            KernelContext.Chunks(count, ChunkSize),
            new Job<TOperation> { Destination = destination, A = a, B = b, Count = count, Factor = factor, Accumulate = accumulate });

    /// <summary>destination = f(source).</summary>
    public static void Unary(KernelContext context, float* destination, float* source, nint count, UnaryKind kind)
    {
        switch (kind)
        {
            case UnaryKind.Silu:
                Run<Value<SiluFunction>>(context, destination, source, source, count);
                break;
            case UnaryKind.Sigmoid:
                Run<Value<SigmoidFunction>>(context, destination, source, source, count);
                break;
            case UnaryKind.Relu:
                Run<Value<ReluFunction>>(context, destination, source, source, count);
                break;
            case UnaryKind.Tanh:
                Run<Value<TanhFunction>>(context, destination, source, source, count);
                break;
            case UnaryKind.Exp:
                Run<Value<ExpFunction>>(context, destination, source, source, count);
                break;
            case UnaryKind.Log:
                Run<Value<LogFunction>>(context, destination, source, source, count);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown function.");
        }
    }

    /// <summary>sourceGradient (=|+=) gradient * f'(source).</summary>
    public static void UnaryBackward(
        KernelContext context, float* sourceGradient, float* gradient, float* source, nint count, UnaryKind kind, bool accumulate)
    {
        switch (kind)
        {
            case UnaryKind.Silu:
                Run<ChainRule<SiluFunction>>(context, sourceGradient, gradient, source, count, 1, accumulate);
                break;
            case UnaryKind.Sigmoid:
                Run<ChainRule<SigmoidFunction>>(context, sourceGradient, gradient, source, count, 1, accumulate);
                break;
            case UnaryKind.Relu:
                Run<ChainRule<ReluFunction>>(context, sourceGradient, gradient, source, count, 1, accumulate);
                break;
            case UnaryKind.Tanh:
                Run<ChainRule<TanhFunction>>(context, sourceGradient, gradient, source, count, 1, accumulate);
                break;
            case UnaryKind.Exp:
                Run<ChainRule<ExpFunction>>(context, sourceGradient, gradient, source, count, 1, accumulate);
                break;
            case UnaryKind.Log:
                Run<ChainRule<LogFunction>>(context, sourceGradient, gradient, source, count, 1, accumulate);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown function.");
        }
    }

    private struct Job<TOperation> : IJob
        where TOperation : unmanaged, IElementwiseOperation
    {
        public float* Destination;
        public float* A;
        public float* B;
        public nint Count;
        public float Factor;
        public bool Accumulate;

        public readonly void Execute(int chunk, int worker)
        {
            TVector factor = TSimd.Broadcast(Factor);
            nint end = Math.Min(((nint)chunk + 1) * ChunkSize, Count);
            nint i = (nint)chunk * ChunkSize;
            for (; i + TSimd.Width <= end; i += TSimd.Width)
            {
                TVector value = TOperation.Apply<TSimd, TVector>(TSimd.Load(A + i), TSimd.Load(B + i), factor);
                TSimd.Store(Destination + i, Accumulate ? TSimd.Add(TSimd.Load(Destination + i), value) : value);
            }

            if (i < end)
            {
                nint rest = end - i;
                TVector value = TOperation.Apply<TSimd, TVector>(
                    TSimd.LoadPartial(A + i, rest), TSimd.LoadPartial(B + i, rest), factor);
                value = Accumulate ? TSimd.Add(TSimd.LoadPartial(Destination + i, rest), value) : value;
                TSimd.StorePartial(Destination + i, value, rest);
            }
        }
    }
}
