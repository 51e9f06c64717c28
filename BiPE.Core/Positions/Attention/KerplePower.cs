using BiPE.Core.Autograd;
using BiPE.Core.Tensors;

namespace BiPE.Core.Positions.Attention;

/// <summary>
/// KERPLE's power kernel: bias[h, d] = -r1[h] * d^r2[h] with r1 positive and r2 in 0 .. 2 (Chi et al. 2022, arXiv 2205.09921).
/// </summary>
/// <remarks>
/// r1 is e^x of what is learned, r2 twice its sigmoid, so that both stay in their ranges. They start as <see cref="KerpleLog"/>'s: r1 in 0 .. 1,
/// r2 in 0 .. 2, spread evenly over the heads.
/// </remarks>
public sealed class KerplePower : DistanceBias
{
    private readonly Parameter _logR1;
    private readonly Parameter _logitR2;

    private KerplePower(EncodingContext context)
        : base(context.Over)
    {
        int heads = context.Config.HeadCount;
        _logR1 = PerHead(context, "log_r1", head => Math.Log(KerpleLog.Spread(head, heads)));
        _logitR2 = PerHead(context, "logit_r2", head => Math.Log(KerpleLog.OtherSpread(head) / (1 - KerpleLog.OtherSpread(head))));
    }

    /// <summary>Its description.</summary>
    public static AttentionEncodingKind Kind { get; } = new(
        "kerple_power", "a penalty -r1 distance^r2, learned for each head", "Chi et al. 2022, arXiv 2205.09921", context => new KerplePower(context));

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters => [_logR1, _logitR2];

    /// <inheritdoc/>
    protected override Variable Table(Tape tape, int distances)
    {
        ArgumentNullException.ThrowIfNull(tape);

        // d^r2 = e^(r2 log d), and 0 at distance 0.
        Variable exponent = Outer(tape, tape.Unary(_logitR2, UnaryKind.Sigmoid), distances, distance => 2 * Math.Log(Math.Max(distance, 1)));
        Variable power = tape.Unary(exponent, UnaryKind.Exp);
        return tape.Multiply(Outer(tape, tape.Unary(_logR1, UnaryKind.Exp), distances, distance => distance == 0 ? 0 : -1), power);
    }
}
