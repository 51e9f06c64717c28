using BiPE.Cli.Benchmark.Cases;
using BiPE.Cli.Benchmark.Limits;
using BiPE.Cli.Benchmark.Steps;
using BiPE.Cli.Console;
using BiPE.Core.Model;
using BiPE.Core.Tensors;

namespace BiPE.Cli.Benchmark.Suite;

/// <summary>Measures the CPU backend beside the limits of the processor: operations, whole passes, and both on other numbers of threads.</summary>
/// <param name="options">What is measured.</param>
/// <param name="view">Shows how far it has come.</param>
/// <param name="cancellation">Stops between operations and between passes.</param>
internal sealed class BenchSuite(SuiteOptions options, IProgressView view, CancellationToken cancellation)
{
    private const double LimitsCost = 1;

    private readonly int[] _counts = options.Threads.Count > 0
        ? [.. options.Threads.Append(1).Distinct().Order()]
        : [.. PowersOfTwo().TakeWhile(count => count < Environment.ProcessorCount), Environment.ProcessorCount];

    // Operands take some time to fill, too.
    private readonly double _operationCost = 0.1 + options.Turns.WarmUp + options.Turns.Seconds;

    private double _done;
    private double _total = 1;

    private bool ComparesThreads => options.Threads.Count > 0 && _counts.Length > 1;

    /// <summary>Measures everything.</summary>
    public SuiteReport Run()
    {
        int threads = _counts.LastOrDefault(count => count <= Environment.ProcessorCount, _counts[0]);
        IReadOnlyList<OperationCase> operations = SuitePlan.Operations(options.IsQuick);
        IReadOnlyList<SuiteStep> steps = [.. SuitePlan.Steps(options.IsQuick).Where(Fits)];
        double scalingCost = (_operationCost * SuitePlan.ScalingOperations.Count) + Cost(SuitePlan.Steps(isQuick: true)[0]);
        _total = (LimitsCost * (_counts.Length + 2)) + (_operationCost * operations.Count) + steps.Sum(Cost)
            + (ComparesThreads ? scalingCost * _counts.Length : 0);

        CpuLimits[] limits = [.. _counts.Select(Measure)];
        int main = Array.IndexOf(_counts, threads);
        IReadOnlyList<OperationRate> measured = Measure(limits[main], operations);
        CpuLimits between = Measure(threads);
        StepRate[] passes = [.. steps.Select(step => Measure(threads, step))];
        IReadOnlyList<ScalingRow> scaling = ComparesThreads ? ScalingRow.Compare([.. limits.Select(Rates)]) : [];
        CpuLimits after = Measure(threads);
        double lowest = new[] { limits[main], between, after }.Min(limits => limits.PeakFlops);
        limits[main] = limits[main].BestWith(between).BestWith(after);
        using ITensorBackend backend = Open(threads);
        BackendInfo info = backend.Info;
        string device = info.FrozenType == info.ActivationType ? info.Device : $"{info.Device}, evaluation in {info.EvaluationPrecision}";
        return new SuiteReport(
            MachineReport.ProgramVersion, device, Environment.ProcessorCount, threads, limits, lowest,
            measured, passes, scaling);
    }

    private static IEnumerable<int> PowersOfTwo()
    {
        for (int power = 1; power > 0; power *= 2)
        {
            yield return power;
        }
    }

    private static double Cost(SuiteStep step) => step.Cost * (step.WarmUp + step.Passes);

    /// <summary>The CPU backend as other commands have it; each pass opens its own, because a backend keeps the memory that it once took.</summary>
    private ITensorBackend Open(int threads) =>
        BackendRegistry.Default.Open("cpu", new BackendOptions { Threads = threads, Precision = options.Precision }, _ => { });

    private bool Fits(SuiteStep step)
    {
        ModelConfig config = BenchModels.Named(step.Model) with { TrainScale = step.BlockSize };
        long planned = step.IsTraining ? MemoryPlan.ForTraining(config, step.BatchSize, Recompute.None).Total : 0;
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (planned <= available)
        {
            return true;
        }

        view.WriteLine($"Left out: training {step.Model} takes {Quantity.Bytes(planned)}, and the machine has {Quantity.Bytes(available)}.");
        return false;
    }

    private CpuLimits Measure(int threads)
    {
        Begin(threads == 1 ? "limits of one thread" : $"limits of {threads} threads");
        CpuLimits limits = CpuLimits.Measure(threads);
        _done += LimitsCost;
        return limits;
    }

    private IReadOnlyList<OperationRate> Measure(CpuLimits limits, IReadOnlyList<OperationCase> operations)
    {
        // One backend for all: new memory for each operation would take longer than measuring it.
        using var backend = new TimingBackend(Open(limits.Threads));
        using var meter = new LimitMeter(limits.Threads);
        var turns = new TurnMeter(backend, meter);
        return [.. operations.Select(operation =>
        {
            Begin(operation.Name);
            OperationRate rate = OperationRate.Of(turns.Measure(operation, options.Turns), limits.ToRates());
            _done += _operationCost;
            return rate;
        })];
    }

    private StepRate Measure(int threads, SuiteStep step)
    {
        string what = $"{(step.IsTraining ? "training" : "evaluation")} {step.Model}, {step.BatchSize} x {step.BlockSize}";
        Begin(what);
        using ITensorBackend backend = Open(threads);
        ModelConfig config = BenchModels.Named(step.Model) with { PositionEncoding = options.Encoding };
        var benchmark = new StepBenchmark(backend, threads, step.Model, config)
        {
            Passed = () =>
            {
                _done += step.Cost;
                Begin(what);
            },
        };
        StepRate rate = step.IsTraining
            ? benchmark.Train(step.BatchSize, step.BlockSize, step.WarmUp, step.Passes, Recompute.None, cancellation)
            : benchmark.Evaluate(step.BlockSize, step.WarmUp, step.Passes, cancellation);

        // The process still holds memory of what was measured before.
        return rate with { PeakResidentBytes = null };
    }

    private (int Threads, IReadOnlyList<ThreadRate> Rates) Rates(CpuLimits limits)
    {
        var rates = new List<ThreadRate>
        {
            new("multiply-add peak", "GFLOP/s", limits.PeakFlops / 1e9),
            new("reading memory", "GB/s", limits.ReadBytes / 1e9),
            new("copying memory", "GB/s", limits.BestCopyBytes / 1e9),
        };
        foreach (OperationRate rate in Measure(limits, SuitePlan.ScalingOperations))
        {
            rates.Add(rate.Limit == OperationLimit.Peak
                ? new ThreadRate(rate.Name, "GFLOP/s", rate.FlopsPerSecond / 1e9)
                : new ThreadRate(rate.Name, "GB/s", rate.BytesPerSecond / 1e9));
        }

        StepRate step = Measure(limits.Threads, SuitePlan.Steps(isQuick: true)[0]);
        rates.Add(new ThreadRate(step.Name, "tokens/s", step.TokensPerSecond));
        return (limits.Threads, rates);
    }

    private void Begin(string what)
    {
        cancellation.ThrowIfCancellationRequested();
        view.Report(new ProgressState(_done, _total, what));
    }
}
