using BiPE.Core.Autograd;
using BiPE.Core.Model;
using BiPE.Core.Positions.Rotary;
using BiPE.Core.Tensors;

namespace BiPE.Core.Positions.Attention;

/// <summary>
/// Rotary encoding (Su et al. 2021, arXiv 2104.09864) over a stream, halves paired as in Hugging Face. Over
/// <see cref="PositionStream.Segment"/> it is BiPE-RoPE's inter-segment encoding (He et al. 2024, section 3.2).
/// </summary>
public sealed class Rope : IAttentionEncoding
{
    private readonly PositionStream _over;
    private readonly RotaryShape _shape;
    private readonly IRotaryScaling _scaling;
    private readonly LogScale? _logScale;
    private readonly RotaryTableCache _keyTables;
    private readonly RotaryTableCache? _queryTables;

    /// <summary>Creates the encoding.</summary>
    /// <param name="backend">Where tables live.</param>
    /// <param name="over">Stream that is read.</param>
    /// <param name="shape">Rotated part of a head, base, training length.</param>
    /// <param name="scaling">How frequencies are stretched.</param>
    /// <param name="logScale">Factor of queries, or null.</param>
    public Rope(ITensorBackend backend, PositionStream over, RotaryShape shape, IRotaryScaling scaling, LogScale? logScale)
    {
        ArgumentNullException.ThrowIfNull(backend);
        _over = over;
        _shape = shape;
        _scaling = scaling;
        _logScale = logScale;
        _keyTables = new RotaryTableCache(backend);
        _queryTables = logScale is null ? null : new RotaryTableCache(backend);
    }

    /// <summary>Its description.</summary>
    public static AttentionEncodingKind Kind { get; } = new(
        "rope", "rotates queries and keys by their position", "Su et al. 2021, arXiv 2104.09864", Create)
    {
        IsRotary = true,
    };

    /// <inheritdoc/>
    public IReadOnlyList<Parameter> Parameters => [];

    /// <summary>Makes it as a configuration describes: <c>rope_theta</c>, <c>rope_scaling</c>, <c>partial_rotary_factor</c>, <c>log_scale</c>.</summary>
    /// <param name="context">Configuration and stream.</param>
    public static Rope Create(EncodingContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        ModelConfig config = context.Config;
        return new Rope(
            context.Backend, context.Over, new RotaryShape(config.RotaryDimension, config.RotaryBase, config.MaximumPositions),
            RotaryScalings.Create(config.RotaryScaling, config.MaximumPositions), config.LogScale ? new LogScale(config.TrainScale) : null);
    }

    /// <inheritdoc/>
    public AttentionTerms Build(Tape tape, PositionStreams positions, AttentionShape shape)
    {
        ArgumentNullException.ThrowIfNull(positions);
        RotaryFrequencies frequencies = _scaling.Compute(_shape, positions.Time);
        int rows = positions.Largest(_over) + 1;
        (Tensor keyCosine, Tensor keySine) = _keyTables.Get(frequencies, rows, factor: null);
        (Tensor queryCosine, Tensor querySine) = _queryTables?.Get(frequencies, rows, (position, _) => _logScale!.Factor(position)) ?? (keyCosine, keySine);
        return new AttentionTerms(new RotaryTables(queryCosine, querySine, keyCosine, keySine, positions.Upload(tape, _over)), null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _keyTables.Dispose();
        _queryTables?.Dispose();
    }
}
