using BiPE.Core.Autograd;
using BiPE.Core.Tensors;

namespace BiPE.Core.Positions.Attention;

/// <summary>
/// KERPLE's logarithmic kernel: bias[h, d] = -r1[h] * log(1 + r2[h] * d) (Chi et al. 2022, arXiv 2205.09921).
/// </summary>
/// <remarks>
/// r1 and r2 must be positive; here they are e^x of what is learned, where the authors' code cuts them off at 0.01. That code draws r1 from
/// 0 .. 2 and r2 from 0 .. 1 at the start; here heads are spread evenly over these ranges, r1 rising and r2 in another order.
/// </remarks>
public sealed class KerpleLog : DistanceBias
{
    private readonly Parameter _logR1;
    private readonly Parameter _logR2;

    private KerpleLog(EncodingContext context)
        : base(context.Over)
    {
        int heads = context.Config.HeadCount;
        _logR1 = PerHead(context, "log_r1", head => Math.Log(2 * Spread(head, heads)));
        _logR2 = PerHead(context, "log_r2", head => Math.Log(OtherSpread(head)));
    }

    /// <summary>Its description.</summary>
    public static AttentionEncodingKind Kind { get; } = new(
        "kerple", "a penalty -r1 log(1 + r2 distance), learned for each head", "Chi et al. 2022, arXiv 2205.09921", context => new KerpleLog(context));

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters => [_logR1, _logR2];

    /// <inheritdoc/>
    protected override Variable Table(Tape tape, int distances)
    {
        ArgumentNullException.ThrowIfNull(tape);
        Variable inner = Outer(tape, tape.Unary(_logR2, UnaryKind.Exp), distances, distance => distance);
        Variable one = tape.ConstantTable(_logR2.Shape[0], distances, (_, _) => 1);
        Variable logarithm = tape.Unary(tape.Add(inner, one), UnaryKind.Log);
        return tape.Multiply(Outer(tape, tape.Unary(_logR1, UnaryKind.Exp), distances, _ => -1), logarithm);
    }

    /// <summary>Numbers between 0 and 1 that rise evenly.</summary>
    /// <param name="head">Head, from 0.</param>
    /// <param name="heads">Number of heads.</param>
    internal static double Spread(int head, int heads) => (head + 0.5) / heads;

    /// <summary>Numbers between 0 and 1 that are spread evenly in an order that has nothing to do with <see cref="Spread"/>'s: multiples of the golden ratio.</summary>
    /// <param name="head">Head, from 0.</param>
    internal static double OtherSpread(int head) => ((head + 0.5) * 0.6180339887498949) % 1;
}
