using BiPE.Core.Autograd;
using BiPE.Core.Positions.Rotary;
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
    private readonly LogScale? _logScale;
    private readonly Tensor _slopes;
    private readonly RotaryTableCache? _queryFactors;

    /// <summary>Creates the encoding.</summary>
    /// <param name="backend">Where slopes live.</param>
    /// <param name="over">Stream that is read.</param>
    /// <param name="slopes">A slope for each query head.</param>
    /// <param name="logScale">Factor of queries, or null; it needs an even head size.</param>
    public Alibi(ITensorBackend backend, PositionStream over, ReadOnlySpan<double> slopes, LogScale? logScale)
    {
        ArgumentNullException.ThrowIfNull(backend);
        _backend = backend;
        _over = over;
        _logScale = logScale;
        _slopes = backend.Allocate(new Shape(slopes.Length), backend.Info.StatisticsType);
        backend.WriteDoubles(_slopes, slopes);
        _queryFactors = logScale is null ? null : new RotaryTableCache(backend);
    }

    /// <inheritdoc/>
    public IReadOnlyList<Parameter> Parameters => [];

    /// <inheritdoc/>
    public AttentionTerms Build(Tape tape, PositionStreams positions, AttentionShape shape)
    {
        ArgumentNullException.ThrowIfNull(positions);
        ArgumentNullException.ThrowIfNull(shape);
        Tensor ids = positions.Upload(tape, _over);
        RotaryTables? factors = null;
        if (_queryFactors is not null)
        {
            // A rotation by no angle whose amplitude is the queries' factor.
            var still = new RotaryFrequencies(new double[shape.HeadDimension / 2], 1);
            (Tensor cosine, Tensor sine) = _queryFactors.Get(still, positions.Largest(_over) + 1, _logScale!.Factor);
            factors = new RotaryTables(cosine, sine, null, null, ids);
        }

        return new AttentionTerms(factors, new AttentionBiasVariable(AttentionBiasKind.PerKey, Tape.Constant(_slopes), ids));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _queryFactors?.Dispose();
        if (!_slopes.Buffer.IsReleased)
        {
            _backend.Release(_slopes);
        }
    }
}
