using System.Diagnostics;
using BiPE.Cli.Benchmark.Cases;
using BiPE.Cli.Benchmark.Limits;
using BiPE.Core.Tensors;

namespace BiPE.Cli.Benchmark;

/// <summary>
/// Measures operations of the CPU backend in turns with what they come up against: each sample is compared with the limits measured right before and after it.
/// On a machine that has other work at times, or whose clock follows its heat, shares of a limit that was measured once say little.
/// </summary>
/// <param name="backend">Computes them, and counts their bytes and floating-point operations.</param>
/// <param name="limits">Measures the limits, on as many threads as the backend has.</param>
internal sealed class TurnMeter(TimingBackend backend, LimitMeter limits)
{
    private const double ShortestSample = 0.005;

    /// <summary>Measures one operation.</summary>
    /// <param name="operation">The operation at its size.</param>
    /// <param name="plan">How often.</param>
    public TurnSamples Measure(OperationCase operation, TurnPlan plan)
    {
        (double flops, double bytes) = operation.Count(backend);
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
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < plan.WarmUp;)
        {
            last = Math.Min(last, Sample(1));
        }

        int repetitions = (int)Math.Ceiling(ShortestSample / last);
        var seconds = new List<double>();

        // A product of a few rows reads its weights; with some more of them, multiplying takes longer.
        var rates = new Dictionary<OperationLimit, List<double>> { [operation.Limit] = [] };
        if (operation.Limit == OperationLimit.Read && flops > 0)
        {
            rates[OperationLimit.Peak] = [];
        }

        Dictionary<OperationLimit, double> before = Rates(rates.Keys);
        for (long start = Stopwatch.GetTimestamp(); plan.GoesOn(seconds.Count, Stopwatch.GetElapsedTime(start));)
        {
            // Workers that slept while the limit was measured wake up first.
            Sample(1);
            seconds.Add(Sample(repetitions));
            Dictionary<OperationLimit, double> after = Rates(rates.Keys);
            foreach ((OperationLimit kind, List<double> found) in rates)
            {
                found.Add((before[kind] + after[kind]) / 2);
            }

            before = after;
        }

        return rates
            .Select(kind => new TurnSamples(operation.Name, kind.Key, flops, bytes, seconds, kind.Value))
            .MaxBy(samples => samples.Work / samples.MedianLimit)!;
    }

    private Dictionary<OperationLimit, double> Rates(IEnumerable<OperationLimit> kinds) => kinds.ToDictionary(kind => kind, RateOf);

    private double RateOf(OperationLimit limit) => limit switch
    {
        OperationLimit.Peak => limits.Peak(runs: 2),
        OperationLimit.Read => limits.Memory(MemoryUseKind.Read, runs: 1),
        _ => limits.Memory(MemoryUseKind.Copy, runs: 2),
    };
}
