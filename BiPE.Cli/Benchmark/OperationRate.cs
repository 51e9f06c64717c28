using System.Text.Json.Serialization;
using BiPE.Cli.Benchmark.Cases;

namespace BiPE.Cli.Benchmark;

/// <summary>How fast one operation is at one size.</summary>
/// <param name="Name">The operation.</param>
/// <param name="Limit">What it comes up against.</param>
/// <param name="Microseconds">Median time.</param>
/// <param name="Bytes">Bytes that must be read and written.</param>
/// <param name="ShareOfBandwidth">Those bytes a second, as a share of what a copy reaches, or reading where little is written.</param>
/// <param name="Flops">Floating-point operations of products; else 0.</param>
/// <param name="ShareOfProductRate">Those operations a second, as a share of the measured peak or, beside a processor, of what a large product reaches.</param>
/// <param name="LimitRate">What the share of the operation's limit is of, operations or bytes a second; measured in turns with the operation by the suite.</param>
internal sealed record OperationRate(
    string Name, [property: JsonConverter(typeof(JsonStringEnumConverter<OperationLimit>))] OperationLimit Limit,
    double Microseconds, double Bytes, double ShareOfBandwidth, double Flops, double ShareOfProductRate, double LimitRate)
{
    /// <summary>Makes the rate.</summary>
    /// <param name="name">The operation.</param>
    /// <param name="limit">What it comes up against.</param>
    /// <param name="seconds">Median time.</param>
    /// <param name="bytes">Bytes that must be read and written.</param>
    /// <param name="flops">Floating-point operations.</param>
    /// <param name="rates">What the device reaches at best.</param>
    public static OperationRate Of(string name, OperationLimit limit, double seconds, double bytes, double flops, DeviceRates rates)
    {
        double bandwidth = limit == OperationLimit.Read ? rates.ReadBytes ?? rates.CopyBytes : rates.CopyBytes;
        return new OperationRate(
            name, limit, seconds * 1e6, bytes, bytes / seconds / bandwidth, flops, flops / seconds / rates.ProductFlops,
            limit == OperationLimit.Peak ? rates.ProductFlops : bandwidth);
    }

    /// <summary>Makes the rate of an operation that was measured in turns with its limit.</summary>
    /// <param name="samples">What was measured.</param>
    /// <param name="rates">What was measured once; the share that is not of the operation's limit is of it.</param>
    public static OperationRate Of(TurnSamples samples, DeviceRates rates)
    {
        OperationRate rate = Of(samples.Name, samples.Limit, samples.MedianSeconds, samples.Bytes, samples.Flops, rates) with { LimitRate = samples.MedianLimit };
        return samples.Limit == OperationLimit.Peak
            ? rate with { ShareOfProductRate = samples.MedianShare }
            : rate with { ShareOfBandwidth = samples.MedianShare };
    }

    /// <summary>Floating-point operations a second.</summary>
    public double FlopsPerSecond => Flops / (Microseconds * 1e-6);

    /// <summary>Bytes a second.</summary>
    public double BytesPerSecond => Bytes / (Microseconds * 1e-6);

    /// <summary>The share of what the operation comes up against.</summary>
    public double ShareOfLimit => Limit == OperationLimit.Peak ? ShareOfProductRate : ShareOfBandwidth;
}
