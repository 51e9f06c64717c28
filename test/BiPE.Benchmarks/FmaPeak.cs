using System.Diagnostics;
using System.Runtime.CompilerServices;
using BiPE.Cpu;
using BiPE.Cpu.Simd;

namespace BiPE.Benchmarks;

/// <summary>Measures the most float32 operations a second that this machine's multiply-add units give to managed code.</summary>
internal static class FmaPeak
{
    private const int Repetitions = 2_000_000;
    private const int Accumulators = 12;

    /// <summary>Best of several short runs, on all of a context's threads at once, in operations a second.</summary>
    public static double Measure<TSimd, TVector>(KernelContext context)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged
    {
        double best = 0;
        for (int run = 0; run < 12; run++)
        {
            long start = Stopwatch.GetTimestamp();
            context.Workers.Run(context.Workers.WorkerCount, default(Job<TSimd, TVector>));
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            double operations = 2.0 * TSimd.Width * Accumulators * Repetitions * context.Workers.WorkerCount;
            best = Math.Max(best, operations / seconds);
        }

        return best;
    }

    private struct Job<TSimd, TVector> : IJob
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged
    {
        public readonly void Execute(int chunk, int worker) => Spin();

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static float Spin()
        {
            TVector x = TSimd.Broadcast(0.999f);
            TVector y = TSimd.Broadcast(0.001f);
            TVector a0 = x, a1 = x, a2 = x, a3 = x, a4 = x, a5 = x, a6 = x, a7 = x;
            TVector b0 = y, b1 = y, b2 = y, b3 = y;
            for (int i = 0; i < Repetitions; i++)
            {
                a0 = TSimd.MultiplyAdd(a0, x, y);
                a1 = TSimd.MultiplyAdd(a1, x, y);
                a2 = TSimd.MultiplyAdd(a2, x, y);
                a3 = TSimd.MultiplyAdd(a3, x, y);
                a4 = TSimd.MultiplyAdd(a4, x, y);
                a5 = TSimd.MultiplyAdd(a5, x, y);
                a6 = TSimd.MultiplyAdd(a6, x, y);
                a7 = TSimd.MultiplyAdd(a7, x, y);
                b0 = TSimd.MultiplyAdd(b0, x, y);
                b1 = TSimd.MultiplyAdd(b1, x, y);
                b2 = TSimd.MultiplyAdd(b2, x, y);
                b3 = TSimd.MultiplyAdd(b3, x, y);
            }

            TVector sum = TSimd.Add(TSimd.Add(TSimd.Add(a0, a1), TSimd.Add(a2, a3)), TSimd.Add(TSimd.Add(a4, a5), TSimd.Add(a6, a7)));
            return TSimd.Sum(TSimd.Add(sum, TSimd.Add(TSimd.Add(b0, b1), TSimd.Add(b2, b3))));
        }
    }
}
