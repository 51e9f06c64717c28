using BiPE.Core.Autograd;
using BiPE.Core.Positions;
using BiPE.Core.Positions.Attention;
using BiPE.Core.Tensors;

namespace BiPE.Core.Tests.Samples;

/// <summary>A penalty that grows with the logarithm of the distance: bias[h, d] = -e^x[h] * gain * log(1 + d), x learned.</summary>
public sealed class LogarithmicPenalty : DistanceBias
{
    private readonly Parameter _logSlopes;
    private readonly double _gain;

    private LogarithmicPenalty(EncodingContext context)
        : base(context.Over)
    {
        _gain = context.Number("gain");
        _logSlopes = PerHead(context, "log_slopes", head => -head);
    }

    /// <summary>What configurations and lists say of it.</summary>
    public static AttentionEncodingKind Kind { get; } = new(
        "logarithmic", "a penalty that grows with the logarithm of the distance", "an example", context => new LogarithmicPenalty(context))
    {
        Options = [new EncodingOption("gain", 1, 0, 100, "multiplies the penalty")],
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters => [_logSlopes];

    /// <inheritdoc/>
    protected override Variable Table(Tape tape, int distances)
    {
        ArgumentNullException.ThrowIfNull(tape);
        Variable slopes = tape.Unary(_logSlopes, UnaryKind.Exp); // [heads, 1]
        return Outer(tape, slopes, distances, distance => -_gain * Math.Log(1 + distance)); // [heads, distances]
    }
}
