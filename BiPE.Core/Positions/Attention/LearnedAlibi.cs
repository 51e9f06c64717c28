using BiPE.Core.Autograd;

namespace BiPE.Core.Positions.Attention;

/// <summary>
/// ALiBi (Press et al. 2022, arXiv 2108.12409, section 3) whose slopes are learned: bias[h, d] = -e^s[h] * d. They stay positive, and start
/// as the fixed ones. The paper tried learned slopes and preferred fixed ones.
/// </summary>
public sealed class LearnedAlibi : DistanceBias
{
    private readonly Parameter _logSlopes;

    private LearnedAlibi(EncodingContext context)
        : base(context.Over)
    {
        double[] slopes = AlibiSlopes.Compute(context);
        _logSlopes = PerHead(context, "log_slopes", head => Math.Log(slopes[head]));
    }

    /// <summary>Its description.</summary>
    public static AttentionEncodingKind Kind { get; } = new(
        "alibi_learned", "ALiBi with a learned slope a head", "Press et al. 2022, arXiv 2108.12409", context => new LearnedAlibi(context))
    {
        Options = [AlibiSlopes.FactorOption],
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters => [_logSlopes];

    /// <inheritdoc/>
    protected override Variable Table(Tape tape, int distances)
    {
        ArgumentNullException.ThrowIfNull(tape);
        return Outer(tape, tape.Unary(_logSlopes, Tensors.UnaryKind.Exp), distances, distance => -distance);
    }
}
