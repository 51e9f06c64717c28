using BiPE.Cli.Benchmark.Cases;
using BiPE.Cli.Benchmark.Limits;
using BiPE.Cli.Benchmark.Steps;
using BiPE.Cli.Console;

namespace BiPE.Cli.Benchmark.Suite;

/// <summary>The suite's report as tables.</summary>
/// <param name="report">The report.</param>
internal sealed class SuiteTables(SuiteReport report)
{
    private const double NotableDrift = 0.1;

    private CpuLimits Limits => report.Limits.First(limits => limits.Threads == report.Threads);

    /// <summary>Writes all of them.</summary>
    public void Write()
    {
        Terminal.WriteResult($"CPU backend of bipe {report.Version}: {report.Device}, {report.Processors} processors");
        WriteLimits();
        WriteOperations();
        WriteSteps();
        WriteScaling();
        if (report.LowestPeakFlops < (1 - NotableDrift) * Limits.PeakFlops)
        {
            Terminal.Note(
                $"The machine was not equally fast all the time: its peak was between {Quantity.Short(report.LowestPeakFlops)}FLOP/s and "
                + $"{Quantity.Short(Limits.PeakFlops)}FLOP/s. Measure again when it has less else to do.");
        }
    }

    private void WriteLimits()
    {
        var table = new ResultTable("limits", "GFLOP/s", "read GB/s", "copy GB/s", "non-temporal copy GB/s");
        foreach (CpuLimits limits in report.Limits)
        {
            table.AddRow(
                limits.Threads == 1 ? "1 thread" : $"{limits.Threads} threads",
                Billions(limits.PeakFlops), Billions(limits.ReadBytes), Billions(limits.CopyBytes), Billions(limits.NonTemporalCopyBytes));
        }

        table.Write();
    }

    private void WriteOperations()
    {
        Terminal.WriteResult("");
        var table = new ResultTable($"operation on {report.Threads} threads", "ms", "GFLOP/s", "GB/s", "share", "of, G/s", "");
        foreach (OperationRate rate in report.Operations)
        {
            table.AddRow(
                rate.Name, Quantity.Fixed(rate.Microseconds / 1e3, 3), rate.Flops > 0 ? Billions(rate.FlopsPerSecond) : "", Billions(rate.BytesPerSecond),
                Quantity.Percent(rate.ShareOfLimit), Billions(rate.LimitRate), Name(rate.Limit));
        }

        table.Write();
    }

    private void WriteSteps()
    {
        Terminal.WriteResult("");
        var table = new ResultTable($"pass on {report.Threads} threads", "tokens/s", "s", "fastest", "slowest", "GFLOP/s", "of peak");
        foreach (StepRate step in report.Steps)
        {
            table.AddRow(
                step.Name, Quantity.Whole((long)step.TokensPerSecond), Quantity.Fixed(step.Seconds, 3), Quantity.Fixed(step.FastestSeconds, 3),
                Quantity.Fixed(step.SlowestSeconds, 3), Billions(step.FlopsPerSecond), Quantity.Percent(step.FlopsPerSecond / Limits.PeakFlops));
        }

        table.Write();
    }

    private void WriteScaling()
    {
        if (report.Scaling.Count == 0)
        {
            return;
        }

        Terminal.WriteResult("");
        var table = new ResultTable("scaling", ["unit", .. report.Limits.Select(limits => limits.Threads == 1 ? "1 thread" : $"{limits.Threads} threads")]);
        foreach (ScalingRow row in report.Scaling)
        {
            table.AddRow([row.Name, row.Unit, .. row.Points.Select(point =>
                point.Threads == 1 ? Quantity.Short(point.Rate) : $"{Quantity.Short(point.Rate)} ({Quantity.Fixed(point.Speedup, 2)}x)")]);
        }

        table.Write();
    }

    private static string Billions(double value) => Quantity.Fixed(value / 1e9, 1);

    private static string Name(OperationLimit limit) => limit switch
    {
        OperationLimit.Peak => "peak",
        OperationLimit.Copy => "copy",
        _ => "read",
    };
}
