using System.Globalization;
using BiPE.Cli.Benchmark;
using BiPE.Cli.Benchmark.Cases;
using BiPE.Cli.Benchmark.Limits;
using BiPE.Core.Tensors;
using BiPE.Cpu;

namespace BiPE.Benchmarks;

/// <summary>
/// Products of odd sizes beside round ones in their neighbourhood: primes, one more and one less than blocks and tiles hold, rows whose
/// distance is a power of two. It shows whether some size falls off a cliff. And products of few rows, as in generation, beside the time that
/// reading the weights or multiplying takes at least.
/// </summary>
internal static class ProductSweep
{
    private const double Budget = 0.15;

    /// <summary>Each round size, rows x outputs x inputs, with odd ones near it.</summary>
    private static readonly (int Rows, int Outputs, int Inputs)[][] Neighbourhoods =
    [
        [(1024, 768, 768), (1023, 768, 768), (1025, 768, 768), (1024, 767, 768), (1024, 769, 768), (1024, 768, 767), (1024, 768, 769), (1021, 761, 773)],
        [(1024, 768, 3072), (1024, 768, 3071), (1024, 768, 3073), (1031, 787, 3067)],
        [(1024, 3072, 768), (1024, 3071, 768), (1024, 3073, 768), (1033, 3079, 757)],
        [(1024, 1024, 1024), (1023, 1023, 1023), (1025, 1025, 1025), (1024, 1056, 1056)],
        [(512, 4096, 1024), (512, 4095, 1024), (512, 4097, 1025), (509, 4093, 1021)],
        [(512, 2048, 2048), (511, 2047, 2047), (513, 2049, 2049), (512, 2080, 2080)],
        [(1024, 64, 768), (1024, 63, 768), (1024, 65, 768), (1024, 67, 768)],
        [(1024, 768, 64), (1024, 768, 63), (1024, 768, 65), (1024, 768, 61)],
        [(64, 768, 768), (63, 768, 768), (65, 768, 768), (61, 769, 767)],
        [(256, 256, 256), (255, 255, 255), (257, 257, 257), (251, 263, 241)],
        [(128, 128, 128), (127, 127, 127), (129, 129, 129), (131, 113, 137)],
        [(64, 64, 64), (63, 63, 63), (65, 65, 65), (67, 71, 73)],
    ];

    private static readonly int[] FewRows = [1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 24, 32];

    /// <summary>Measures all and prints Markdown tables.</summary>
    /// <param name="threads">Threads to compute with.</param>
    public static void Print(int threads)
    {
        CpuLimits limits = CpuLimits.Measure(threads);
        using var backend = new TimingBackend(new CpuBackend(new CpuBackendOptions { Threads = threads }));
        var meter = new OperationMeter(backend, limits.ToRates(), Budget);
        Console.WriteLine($"{threads} threads, multiply-add peak {Text(limits.PeakFlops / 1e9, "N0")} GFLOP/s, reading memory {Text(limits.ReadBytes / 1e9, "F1")} GB/s.");
        PrintSizes(meter, limits);
        using var narrow = new TimingBackend(new CpuBackend(new CpuBackendOptions { Threads = threads, FrozenType = ElementType.BFloat16 }));
        PrintFewRows(meter, new OperationMeter(narrow, limits.ToRates(), Budget), limits);
    }

    private static void PrintSizes(OperationMeter meter, CpuLimits limits)
    {
        // The first products of a process include compiling.
        Rates(Neighbourhoods[0][0]);
        Console.WriteLine();
        Console.WriteLine("| rows x outputs x inputs, % of peak | forward | input gradient | weight gradient | least, of the round size's rate |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: |");
        double worst = double.PositiveInfinity;
        foreach ((int Rows, int Outputs, int Inputs)[] sizes in Neighbourhoods)
        {
            double[] round = Rates(sizes[0]);
            WriteRow(sizes[0], round, "");
            foreach ((int Rows, int Outputs, int Inputs) odd in sizes[1..])
            {
                double[] rates = Rates(odd);
                double least = rates.Zip(round, (rate, other) => rate / other).Min();
                worst = Math.Min(worst, least);
                WriteRow(odd, rates, Text(least, "F2"));
            }
        }

        Console.WriteLine();
        Console.WriteLine($"Least share of a round size's rate: {Text(worst, "F2")}.");

        double[] Rates((int Rows, int Outputs, int Inputs) size) =>
            [.. ProductCases.Forms(size.Rows, size.Outputs, size.Inputs).Select(product => meter.Measure(product).FlopsPerSecond)];

        void WriteRow((int Rows, int Outputs, int Inputs) size, double[] rates, string share) => Console.WriteLine(
            $"| {size.Rows} x {size.Outputs} x {size.Inputs} | {string.Join(" | ", rates.Select(rate => Text(100 * rate / limits.PeakFlops, "F0")))} | {share} |");
    }

    private static void PrintFewRows(OperationMeter meter, OperationMeter narrow, CpuLimits limits)
    {
        Console.WriteLine();
        Console.WriteLine("| rows of 6144 x 768 | as they lie, us | % of the floor | frozen, us | % of the floor | frozen in bfloat16, us | % of its floor |");
        Console.WriteLine("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (OperationCase[] forms in ProductCases.FewRows(BenchModels.Named("base"), FewRows).Chunk(2))
        {
            OperationRate[] rates = [.. forms.Select(meter.Measure), narrow.Measure(forms[1])];
            IEnumerable<string> cells = rates.SelectMany(rate => new[]
            {
                Text(rate.Microseconds, "N0"),
                Text(100 * Math.Max(rate.BytesPerSecond / limits.ReadBytes, rate.FlopsPerSecond / limits.PeakFlops), "F0"),
            });
            Console.WriteLine($"| {forms[0].Name.Split(' ')[1]} | {string.Join(" | ", cells)} |");
        }
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
