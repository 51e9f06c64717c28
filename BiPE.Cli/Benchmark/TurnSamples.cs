using BiPE.Cli.Benchmark.Cases;

namespace BiPE.Cli.Benchmark;

/// <summary>An operation's times, each with the limit around it.</summary>
/// <param name="Name">The operation.</param>
/// <param name="Limit">What it comes up against.</param>
/// <param name="Flops">Floating-point operations of products; else 0.</param>
/// <param name="Bytes">Bytes that it must read and write.</param>
/// <param name="Seconds">Seconds that it took, turn by turn.</param>
/// <param name="Limits">What the limit was, operations or bytes a second, turn by turn.</param>
internal sealed record TurnSamples(
    string Name, OperationLimit Limit, double Flops, double Bytes, IReadOnlyList<double> Seconds, IReadOnlyList<double> Limits)
{
    /// <summary>Median seconds.</summary>
    public double MedianSeconds => Timing.MedianOf(Seconds);

    /// <summary>Median of the limit, operations or bytes a second.</summary>
    public double MedianLimit => Timing.MedianOf(Limits);

    /// <summary>Median of the turns' shares of their limit.</summary>
    public double MedianShare => Timing.MedianOf(Shares);

    /// <summary>What counts toward the limit: floating-point operations or bytes.</summary>
    public double Work => Limit == OperationLimit.Peak ? Flops : Bytes;

    /// <summary>The share below which a part of the turns' shares lie.</summary>
    /// <param name="part">The part, 0 to 1.</param>
    public double ShareAt(double part) => Shares.Order().ElementAt((int)(part * (Seconds.Count - 1)));

    private double[] Shares => [.. Seconds.Zip(Limits, (seconds, limit) => Work / seconds / limit)];
}
