using BiPE.Core.Tensors;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>One step of AdamW.</summary>
internal static unsafe class AdamWKernel<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    private const int ChunkSize = 16384;

    /// <summary>Updates a parameter and its moments; gradients are multiplied by the clip factor as they are read.</summary>
    public static void Step(
        KernelContext context, float* parameter, float* gradient, float* firstMoment, float* secondMoment, nint count,
        double clipFactor, in AdamWOptions options) =>
        context.Workers.Run(KernelContext.Chunks(count, ChunkSize), new Job
        {
            Parameter = parameter,
            Gradient = gradient,
            FirstMoment = firstMoment,
            SecondMoment = secondMoment,
            Count = count,
            ClipFactor = (float)clipFactor,
            Beta1 = (float)options.Beta1,
            OneLessBeta1 = (float)(1 - options.Beta1),
            Beta2 = (float)options.Beta2,
            OneLessBeta2 = (float)(1 - options.Beta2),
            Decay = (float)(1 - (options.LearningRate * options.WeightDecay)),
            Rate = (float)(options.LearningRate / (1 - Math.Pow(options.Beta1, options.Step))),
            SecondRoot = (float)Math.Sqrt(1 - Math.Pow(options.Beta2, options.Step)),
            Epsilon = (float)options.Epsilon,
        });

    private struct Job : IJob
    {
        public float* Parameter;
        public float* Gradient;
        public float* FirstMoment;
        public float* SecondMoment;
        public nint Count;
        public float ClipFactor;
        public float Beta1;
        public float OneLessBeta1;
        public float Beta2;
        public float OneLessBeta2;
        public float Decay;
        public float Rate;
        public float SecondRoot;
        public float Epsilon;

        public readonly void Execute(int chunk, int worker)
        {
            nint end = Math.Min(((nint)chunk + 1) * ChunkSize, Count);
            for (nint i = (nint)chunk * ChunkSize; i < end; i += TSimd.Width)
            {
                nint count = Math.Min(TSimd.Width, end - i);
                TVector g = TSimd.Multiply(TSimd.LoadPartial(Gradient + i, count), TSimd.Broadcast(ClipFactor));
                TVector first = TSimd.MultiplyAdd(
                    TSimd.Broadcast(Beta1), TSimd.LoadPartial(FirstMoment + i, count), TSimd.Multiply(TSimd.Broadcast(OneLessBeta1), g));
                TVector second = TSimd.MultiplyAdd(
                    TSimd.Broadcast(Beta2), TSimd.LoadPartial(SecondMoment + i, count),
                    TSimd.Multiply(TSimd.Multiply(TSimd.Broadcast(OneLessBeta2), g), g));
                TVector denominator = TSimd.Add(
                    TSimd.Divide(TSimd.SquareRoot(second), TSimd.Broadcast(SecondRoot)), TSimd.Broadcast(Epsilon));
                TVector update = TSimd.Divide(TSimd.Multiply(TSimd.Broadcast(Rate), first), denominator);
                TVector decayed = TSimd.Multiply(TSimd.LoadPartial(Parameter + i, count), TSimd.Broadcast(Decay));
                TSimd.StorePartial(FirstMoment + i, first, count);
                TSimd.StorePartial(SecondMoment + i, second, count);
                TSimd.StorePartial(Parameter + i, TSimd.Subtract(decayed, update), count);
            }
        }
    }
}
