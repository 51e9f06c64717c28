using System.Globalization;
using BiPE.Cli.Benchmark;
using BiPE.Cli.Benchmark.Steps;
using BiPE.Core.Model;
using BiPE.Core.Positions;
using BiPE.Cpu;

namespace BiPE.Benchmarks;

/// <summary>
/// What each position encoding costs over rope in training and in the forward pass, measured in turns: rope, the encoding, rope, the next.
/// The model is a quarter of the 151M one in layers and in vocabulary, so that attention and encoding have the share of time that they have there.
/// </summary>
internal static class EncodingSpeed
{
    private const string Baseline = "rope";
    private const int WarmUp = 1;

    /// <summary>Measures and prints a Markdown table.</summary>
    /// <param name="tokens">Tokens of a block.</param>
    /// <param name="passes">Passes that are timed of each kind.</param>
    /// <param name="names">Encodings, or none for all that are known.</param>
    public static void Print(int tokens, int passes, IReadOnlyList<string> names)
    {
        IEnumerable<string> encodings = names.Count > 0 ? names : PositionEncodingRegistry.Names.Where(name => name != Baseline);
        Console.WriteLine($"| {tokens} tokens | training, ms | over {Baseline} | forward, ms | over {Baseline} |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: |");
        (double Training, double Forward) before = Measure(Baseline, tokens, passes);
        Console.WriteLine($"| {Baseline} | {Text(before.Training * 1e3, "F0")} | 1 | {Text(before.Forward * 1e3, "F0")} | 1 |");
        foreach (string encoding in encodings)
        {
            (double Training, double Forward) measured = Measure(encoding, tokens, passes);
            (double Training, double Forward) after = Measure(Baseline, tokens, passes);
            Console.WriteLine(
                $"| {encoding} | {Text(measured.Training * 1e3, "F0")} | {Text(2 * measured.Training / (before.Training + after.Training), "F2")} "
                + $"| {Text(measured.Forward * 1e3, "F0")} | {Text(2 * measured.Forward / (before.Forward + after.Forward), "F2")} |");
            before = after;
        }
    }

    private static (double Training, double Forward) Measure(string encoding, int tokens, int passes)
    {
        ModelConfig whole = BenchModels.Named("base");
        ModelConfig config = whole with
        {
            LayerCount = whole.LayerCount / 4, VocabularySize = whole.VocabularySize / 4, PositionEncoding = encoding,
            TrainScale = tokens, MaximumPositions = tokens,
        };
        using var backend = new CpuBackend();
        var benchmark = new StepBenchmark(backend, Environment.ProcessorCount, "quarter", config);
        return (
            benchmark.Train(1, tokens, WarmUp, passes, Recompute.None, CancellationToken.None).Seconds,
            benchmark.Evaluate(tokens, WarmUp, passes, CancellationToken.None).Seconds);
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
