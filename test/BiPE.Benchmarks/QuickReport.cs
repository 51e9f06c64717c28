using System.Diagnostics;
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
        ("1024 x 768 x 3072", 1024, 3072, 768, false, false),
        ("gate and up, forward", 1024, 6144, 768, false, true),
        ("down, forward", 1024, 768, 3072, false, true),
        ("attention output, forward", 1024, 768, 768, false, true),
        ("gate and up, input gradient", 1024, 768, 6144, false, false),
        ("gate and up, weight gradient", 6144, 768, 1024, true, false),
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

    private static void Print<TSimd, TVector>(KernelContext context)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged
    {
        double peak = FmaPeak.Measure<TSimd, TVector>(context);
        Console.WriteLine($"{context.Workers.WorkerCount} thread(s), {TSimd.Width} lanes: peak {peak / 1e9:F0} GFLOP/s");
        foreach ((string name, int m, int n, int k, bool transposeA, bool transposeB) in s_shapes)
        {
            PrintProduct<TSimd, TVector>(context, peak, $"{name} ({m} x {n} x {k})", m, n, k, transposeA, transposeB);
        }

        foreach (int time in new[] { 1024, 4096 })
        {
            PrintAttention<TSimd, TVector>(context, peak, time);
        }
    }

    private static unsafe void PrintProduct<TSimd, TVector>(
        KernelContext context, double peak, string name, int m, int n, int k, bool transposeA, bool transposeB)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged
    {
        using var a = new NativeFloats((nint)m * k);
        using var b = new NativeFloats((nint)n * k);
        using var c = new NativeFloats((nint)m * n);
        MatMulOperands product =
            MatMulOperands.RowMajor(c.Start, a.Start, b.Start, m, n, k, transposeA, transposeB, 1, accumulate: false);
        PrintSpeed(name, 2.0 * m * n * k, peak, () => MatMulKernel<TSimd, TVector>.Multiply(context, product));
    }

    private static unsafe void PrintAttention<TSimd, TVector>(KernelContext context, double peak, int time)
        where TSimd : struct, ISimd<TSimd, TVector>
        where TVector : unmanaged
    {
        const int Heads = 12;
        const int Size = 64;
        using var packed = new NativeFloats((nint)time * 3 * Heads * Size);
        using var packedGradient = new NativeFloats((nint)time * 3 * Heads * Size);
        using var output = new NativeFloats((nint)time * Heads * Size);
        using var gradient = new NativeFloats((nint)time * Heads * Size);
        using var logSumExp = new NativeFloats((nint)time * Heads);
        var operands = new AttentionOperands
        {
            Batch = 1,
            QueryCount = time,
            KeyCount = time,
            Heads = Heads,
            KeyValueHeads = Heads,
            Size = Size,
            Scale = 0.125f,
            Query = packed.Start,
            Key = packed.Start + (Heads * Size),
            Value = packed.Start + (2 * Heads * Size),
            QueryStride = 3 * Heads * Size,
            KeyStride = 3 * Heads * Size,
        };
        var gradients = new AttentionBackwardOperands
        {
            Packed = packedGradient.Start,
            Gradient = gradient.Start,
            Output = output.Start,
            LogSumExp = logSumExp.Start,
        };

        // Two products of half a square each forward, five backward.
        double pairs = 0.5 * time * (time + 1);
        PrintSpeed(
            $"attention, {time} tokens", 4 * pairs * Size * Heads, peak,
            () => AttentionForward<TSimd, TVector>.Compute(context, output.Start, logSumExp.Start, operands));
        PrintSpeed(
            $"attention's gradient, {time} tokens", 10 * pairs * Size * Heads, peak,
            () => AttentionBackward<TSimd, TVector>.Compute(context, gradients, operands));
    }

    private static void PrintSpeed(string name, double operations, double peak, Action action)
    {
        double best = double.PositiveInfinity;
        long begin = Stopwatch.GetTimestamp();
        for (int run = 0; run < 5 || Stopwatch.GetElapsedTime(begin).TotalSeconds < 0.6; run++)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        double speed = operations / best;
        Console.WriteLine($"  {name,-52} {speed / 1e9,7:F1} GFLOP/s, {100 * speed / peak,3:F0} % of peak");
    }
}
