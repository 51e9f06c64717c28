using BiPE.Cli.Benchmark;
using BiPE.Cli.Console;
using BiPE.Core.Tensors;

namespace BiPE.Cli.Profile;

/// <summary>Where the time of training steps went.</summary>
/// <param name="Device">What computed.</param>
/// <param name="Rates">What it reaches at best.</param>
/// <param name="Steps">Steps that were profiled.</param>
/// <param name="SecondsPerStep">Mean time of a step.</param>
/// <param name="TokensPerSecond">Tokens learned from in a second.</param>
/// <param name="Operations">The operations, the one that took longest first.</param>
/// <param name="HostSeconds">The rest of a step: work on the host between operations.</param>
internal sealed record ProfileReport(
    string Device, DeviceRates Rates, long Steps, double SecondsPerStep, double TokensPerSecond,
    IReadOnlyList<OperationProfile> Operations, double HostSeconds)
{
    /// <summary>Makes the report.</summary>
    /// <param name="device">What computed.</param>
    /// <param name="rates">What it reaches at best.</param>
    /// <param name="steps">Steps that were profiled, 1 or more.</param>
    /// <param name="seconds">Time of these steps together.</param>
    /// <param name="tokens">Tokens of these steps together.</param>
    /// <param name="timings">What was recorded in them.</param>
    public static ProfileReport Create(
        string device, DeviceRates rates, long steps, double seconds, long tokens, IReadOnlyList<OperationTiming> timings)
    {
        double operations = timings.Sum(timing => timing.Seconds);
        return new ProfileReport(
            device, rates, steps, seconds / steps, tokens / seconds,
            [.. timings.Select(timing => Profile(timing, rates, steps, seconds))], (seconds - operations) / steps);
    }

    /// <summary>Writes the table.</summary>
    public void Write()
    {
        Terminal.WriteResult(
            $"Profile of {Quantity.Whole(Steps)} steps on {Device}: {Quantity.Fixed(SecondsPerStep * 1e3, 1)} ms a step, "
            + $"{Quantity.Short(TokensPerSecond)} tokens/s; at best {Quantity.Short(Rates.ProductFlops)}FLOP/s and copies of {Quantity.Bytes(Rates.CopyBytes)}/s.");
        var table = new ResultTable("operation", "calls", "ms a step", "share", "GFLOP/s", "of peak", "GB/s", "of bandwidth");
        foreach (OperationProfile row in Operations)
        {
            table.AddRow(
                row.Operation, Quantity.Short(row.Calls), Quantity.Fixed(row.Seconds * 1e3, 2), Quantity.Percent(row.Share),
                row.Flops > 0 ? Quantity.Fixed(row.Flops / 1e9, 1) : "", row.Flops > 0 ? Quantity.Percent(row.ShareOfPeak) : "",
                row.Bytes > 0 ? Quantity.Fixed(row.Bytes / 1e9, 1) : "", row.Bytes > 0 ? Quantity.Percent(row.ShareOfBandwidth) : "");
        }

        table.AddRow("host work", "", Quantity.Fixed(HostSeconds * 1e3, 2), Quantity.Percent(HostSeconds / SecondsPerStep), "", "", "", "");
        table.Write();
    }

    private static OperationProfile Profile(OperationTiming timing, DeviceRates rates, long steps, double seconds)
    {
        double PerSecond(double amount) => timing.Seconds > 0 ? amount / timing.Seconds : 0;
        double flops = PerSecond(timing.Flops);
        double bytes = PerSecond(timing.Bytes);
        return new OperationProfile(
            timing.Operation, (double)timing.Calls / steps, timing.Seconds / steps, timing.Seconds / seconds,
            flops, flops / rates.ProductFlops, bytes, bytes / rates.CopyBytes);
    }
}
