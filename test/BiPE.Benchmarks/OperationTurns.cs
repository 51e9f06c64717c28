using System.Diagnostics;
using System.Globalization;
using BiPE.Cli.Benchmark;
using BiPE.Cli.Benchmark.Cases;
using BiPE.Cli.Benchmark.Limits;
using BiPE.Cli.Benchmark.Suite;
using BiPE.Core.Tensors;
using BiPE.Cpu;

namespace BiPE.Benchmarks;

/// <summary>
/// Operations in turns with what they come up against: each sample is compared with the limits measured right before and after it. On a machine
/// that has other work at times, shares of a limit that was measured once say little.
/// </summary>
internal static class OperationTurns
{
    private const int Rounds = 15;
    private const int RoundsOfLong = 5;
    private const double LongSample = 0.5;
    private const int LongestRow = 16384;
    private const double ShortestSample = 0.006;
    private const double WarmUp = 0.3;

    /// <summary>Measures operations of the 151M model and prints a Markdown table.</summary>
    /// <param name="threads">Threads to compute with.</param>
    /// <param name="filters">
    /// Texts of which an operation's name has one; none for all operations. Attention over 16,384 tokens, which takes minutes, must be named.
    /// </param>
    public static void Print(int threads, IReadOnlyCollection<string> filters)
    {
        using var backend = new TimingBackend(new CpuBackend(new CpuBackendOptions { Threads = threads }));
        using var meter = new LimitMeter(threads);
        meter.Peak(runs: 3);
        Console.WriteLine($"{threads} threads, medians of {Rounds} samples, {RoundsOfLong} of what takes over {LongSample} s, each in turns with the limit.");
        Console.WriteLine("Past caches: share of a copy that goes past the caches, which saves reading what is overwritten, but leaves results where the");
        Console.WriteLine("next operation has to fetch them.");
        Console.WriteLine();
        Console.WriteLine("| operation | ms | G/s | limit | share | quartiles | past caches |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (OperationCase operation in Operations(filters))
        {
            Measure(backend, operation, meter);
        }
    }

    private static IEnumerable<OperationCase> Operations(IReadOnlyCollection<string> filters)
    {
        IEnumerable<OperationCase> operations = SuitePlan.Operations(isQuick: false);
        if (filters.Any(filter => filter.Contains($"{LongestRow}", StringComparison.Ordinal)))
        {
            operations = operations.Concat(AttentionCases.Of(BenchModels.Named("base"), 1, LongestRow, AttentionCases.AllKinds));
        }

        return operations.Where(
            operation => filters.Count == 0 || filters.Any(filter => operation.Name.Contains(filter, StringComparison.OrdinalIgnoreCase)));
    }

    private static void Measure(TimingBackend backend, OperationCase operation, LimitMeter meter)
    {
        (double flops, double bytes) = operation.Count(backend);
        double work = operation.Limit == OperationLimit.Peak ? flops : bytes;
        using var scope = new TensorScope(backend);
        Action<int> run = operation.Prepare(new OperandSets(scope, operation.SetsOf(bytes, LimitMeter.MemoryBytes)));
        int turn = 0;
        double Sample(int repetitions)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < repetitions; i++)
            {
                run(turn++);
            }

            return Stopwatch.GetElapsedTime(start).TotalSeconds / repetitions;
        }

        double last = Sample(1);
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < WarmUp;)
        {
            last = Sample(1);
        }

        int repetitions = (int)Math.Ceiling(ShortestSample / last);
        int rounds = last > LongSample ? RoundsOfLong : Rounds;
        var times = new double[rounds];
        var limits = new double[rounds];
        double before = LimitOf(operation, meter);
        for (int round = 0; round < rounds; round++)
        {
            // Workers that slept while the limit was measured wake up first.
            Sample(1);
            times[round] = Sample(repetitions);
            double after = LimitOf(operation, meter);
            limits[round] = (before + after) / 2;
            before = after;
        }

        double pastCaches = operation.Limit == OperationLimit.Copy ? meter.Memory(MemoryUseKind.CopyNonTemporal, runs: 3) : double.NaN;
        double[] shares = [.. times.Zip(limits, (time, limit) => work / time / limit).Order()];
        double median = Timing.MedianOf(times);
        Console.WriteLine(
            $"| {operation.Name} | {Text(median * 1e3, "F3")} | {Text(work / median / 1e9, "F1")} | {Text(Timing.MedianOf(limits) / 1e9, "F1")} "
            + $"| {Text(100 * shares[rounds / 2], "F0")} % | {Text(100 * shares[rounds / 4], "F0")} to {Text(100 * shares[rounds * 3 / 4], "F0")} "
            + $"| {(double.IsNaN(pastCaches) ? string.Empty : Text(100 * work / median / pastCaches, "F0") + " %")} |");
    }

    private static double LimitOf(OperationCase operation, LimitMeter meter) => operation.Limit switch
    {
        OperationLimit.Peak => meter.Peak(runs: 2),
        OperationLimit.Read => meter.Memory(MemoryUseKind.Read, runs: 1),
        _ => meter.Memory(MemoryUseKind.Copy, runs: 2),
    };

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
