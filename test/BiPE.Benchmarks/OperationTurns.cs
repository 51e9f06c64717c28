using System.Globalization;
using BiPE.Cli.Benchmark;
using BiPE.Cli.Benchmark.Cases;
using BiPE.Cli.Benchmark.Limits;
using BiPE.Cli.Benchmark.Suite;
using BiPE.Core.Tensors;
using BiPE.Cpu;

namespace BiPE.Benchmarks;

/// <summary>
/// Operations in turns with what they come up against, with more samples than <c>bipe bench</c> takes, and how far apart they lie.
/// </summary>
internal static class OperationTurns
{
    // Attention that is measured only if it is named: many short rows, and a row that takes minutes.
    private static readonly (string Model, int Batch, int Time)[] NamedAttention = [("tiny", 8, 256), ("base", 1, 16384)];

    private static readonly TurnPlan Plan = new(WarmUp: 0.3, Fewest: 5, Most: 15, Seconds: 8);

    /// <summary>Measures operations of the 151M model and prints a Markdown table.</summary>
    /// <param name="threads">Threads to compute with.</param>
    /// <param name="filters">
    /// Texts of which an operation's name has one; none for all operations. Attention over 8 rows of 256 tokens ("8 x 256") and over 16,384 ("1 x 16384"),
    /// which takes minutes, must be named.
    /// </param>
    public static void Print(int threads, IReadOnlyCollection<string> filters)
    {
        using var backend = new TimingBackend(new CpuBackend(new CpuBackendOptions { Threads = threads }));
        using var meter = new LimitMeter(threads);
        meter.Peak(runs: 3);
        Console.WriteLine($"{threads} threads, medians of {Plan.Most} samples, down to {Plan.Fewest} of what takes long, each in turns with the limit.");
        Console.WriteLine("Past caches: share of a copy that goes past the caches, which saves reading what is overwritten, but leaves results where the");
        Console.WriteLine("next operation has to fetch them.");
        Console.WriteLine();
        Console.WriteLine("| operation | ms | G/s | limit | share | quartiles | past caches |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        var turns = new TurnMeter(backend, meter);
        foreach (OperationCase operation in Operations(filters))
        {
            Print(turns.Measure(operation, Plan), meter);
        }
    }

    private static IEnumerable<OperationCase> Operations(IReadOnlyCollection<string> filters)
    {
        IEnumerable<OperationCase> operations = SuitePlan.Operations(isQuick: false);
        foreach ((string model, int batch, int time) in NamedAttention)
        {
            if (filters.Any(filter => filter.Contains($"{batch} x {time}", StringComparison.Ordinal)))
            {
                operations = operations.Concat(AttentionCases.Of(BenchModels.Named(model), batch, time, AttentionCases.AllKinds));
            }
        }

        return operations.Where(
            operation => filters.Count == 0 || filters.Any(filter => operation.Name.Contains(filter, StringComparison.OrdinalIgnoreCase)));
    }

    private static void Print(TurnSamples samples, LimitMeter meter)
    {
        double seconds = samples.MedianSeconds;
        string pastCaches = samples.Limit == OperationLimit.Copy
            ? Percent(samples.Work / seconds / meter.Memory(MemoryUseKind.CopyNonTemporal, runs: 3)) + " %"
            : "";
        Console.WriteLine(
            $"| {samples.Name} | {Text(seconds * 1e3, "F3")} | {Text(samples.Work / seconds / 1e9, "F1")} | {Text(samples.MedianLimit / 1e9, "F1")} "
            + $"| {Percent(samples.MedianShare)} % | {Percent(samples.ShareAt(0.25))} to {Percent(samples.ShareAt(0.75))} | {pastCaches} |");
    }

    private static string Percent(double share) => Text(100 * share, "F0");

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
