using BiPE.Core.Autograd;
using BiPE.Core.Tensors;

namespace BiPE.Core.Positions.Attention;

/// <summary>
/// Linear bias slope * (key's id - query's id) over a stream (ALiBi: Press et al. 2022, arXiv 2108.12409). The reference adds
/// slope * key's id; the softmax is the same, but relative ids stay exact in float32.
/// </summary>
public sealed class Alibi : IAttentionEncoding
{
    private readonly ITensorBackend _backend;
    private readonly PositionStream _over;
    private readonly Tensor _slopes;

    /// <summary>Creates the encoding.</summary>
    /// <param name="backend">Where slopes live.</param>
    /// <param name="over">Stream that is read.</param>
    /// <param name="slopes">A slope for each query head.</param>
    public Alibi(ITensorBackend backend, PositionStream over, ReadOnlySpan<double> slopes)
    {
        ArgumentNullException.ThrowIfNull(backend);
        _backend = backend;
        _over = over;
        _slopes = backend.Allocate(new Shape(slopes.Length), backend.Info.StatisticsType);
        backend.WriteDoubles(_slopes, slopes);
    }

    /// <summary>Its description.</summary>
    public static AttentionEncodingKind Kind { get; } = new(
        "alibi", "a penalty that grows linearly with the distance, steeper in some heads", "Press et al. 2022, arXiv 2108.12409", Create)
    {
        Options = [AlibiSlopes.FactorOption],
    };

    /// <inheritdoc/>
    public IReadOnlyList<Parameter> Parameters => [];

    /// <summary>Makes it as a configuration describes.</summary>
    /// <param name="context">Configuration and options.</param>
    public static Alibi Create(EncodingContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Alibi(context.Backend, context.Over, AlibiSlopes.Compute(context));
    }

    /// <inheritdoc/>
    public AttentionTerms Build(Tape tape, PositionStreams positions, AttentionShape shape)
    {
        ArgumentNullException.ThrowIfNull(positions);
        return new AttentionTerms(
            null, new AttentionBiasVariable(AttentionBiasKind.PerKey, Tape.Constant(_slopes), positions.Upload(tape, _over)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_slopes.Buffer.IsReleased)
        {
            _backend.Release(_slopes);
        }
    }
}
