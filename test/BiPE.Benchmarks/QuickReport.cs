using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using BiPE.Cpu;
using BiPE.Cpu.Kernels;
using BiPE.Cpu.Simd;

namespace BiPE.Benchmarks;

/// <summary>Speeds of the kernels beside the machine's peak, measured in a few seconds and without BenchmarkDotNet's care.</summary>
internal static class QuickReport
{
    // Products of the 151M model at 1024 tokens: rows, columns, inner dimension, transposes.
    private static readonly (string Name, int M, int N, int K, bool TransposeA, bool TransposeB)[] s_shapes =
    [
        ("1024 x 768 x 3072", 1024, 768, 3072, false, false),
        ("up, forward", 1024, 6144, 768, false, true),
        ("down, forward", 1024, 768, 3072, false, true),
        ("output, forward", 1024, 768, 768, false, true),
        ("up, input gradient", 1024, 768, 6144, false, false),
        ("up, weight gradient", 6144, 768, 1024, true, false),
        ("down, weight gradient", 768, 3072, 1024, true, false),
        ("head, forward", 512, 32000, 768, false, true),
        ("one row", 1, 3072, 768, false, true),
        ("32 rows", 32, 3072, 768, false, true),
    ];

    public static void Print()
    {
        for (int threads = 1; threads <= Math.Min(2, Environment.ProcessorCount); threads++)
        {
            using var context = new KernelContext(threads);
            switch (SimdWidths.Widest)
            {
                case SimdWidth.Bits512:
                    Print<Simd512, Vector512<float>>(context);
                    break;
                case SimdWidth.Bits256:
                    Print<Simd256, Vector256<float>>(context);
                    break;
                case SimdWidth.Bits128:
                    Print<Simd128, Vector128<float>>(context);
                    break;
                default:
                    Print<SimdScalar, float>(context);
                    break;
            }
        }
    }

    private static unsafe void Print<TSimd, TVector>(KernelContext context)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged
    {
        double peak = FmaPeak.Measure<TSimd, TVector>(context);
        Console.WriteLine($"{context.Workers.WorkerCount} thread(s), {TSimd.Width} lanes: peak {peak / 1e9:F0} GFLOP/s");
        foreach ((string name, int m, int n, int k, bool transposeA, bool transposeB) in s_shapes)
        {
            float* a = Random((nint)m * k);
            float* b = Random((nint)n * k);
            float* c = Random((nint)m * n);
            MatMulOperands product = MatMulOperands.RowMajor(c, a, b, m, n, k, transposeA, transposeB, 1, accumulate: false);
            double seconds = Best(() => MatMulKernel<TSimd, TVector>.Multiply(context, product));
            double speed = 2.0 * m * n * k / seconds;
            Console.WriteLine($"  {name,-24} {m,5} x {n,5} x {k,5}: {speed / 1e9,7:F1} GFLOP/s, {100 * speed / peak:F0} % of peak");
            NativeMemory.AlignedFree(a);
            NativeMemory.AlignedFree(b);
            NativeMemory.AlignedFree(c);
        }
    }

    private static double Best(Action action)
    {
        double best = double.PositiveInfinity;
        long begin = Stopwatch.GetTimestamp();
        for (int run = 0; run < 5 || Stopwatch.GetElapsedTime(begin).TotalSeconds < 0.7; run++)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    private static unsafe float* Random(nint count)
    {
        var random = new Random(1);
        var memory = (float*)NativeMemory.AlignedAlloc((nuint)count * sizeof(float), 64);
        for (nint i = 0; i < count; i++)
        {
            memory[i] = random.NextSingle() - 0.5f;
        }

        return memory;
    }
}
