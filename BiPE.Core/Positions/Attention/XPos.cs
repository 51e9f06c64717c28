using BiPE.Core.Autograd;
using BiPE.Core.Model;
using BiPE.Core.Positions.Rotary;
using BiPE.Core.Tensors;

namespace BiPE.Core.Positions.Attention;

/// <summary>
/// Rotary encoding whose products fade with the distance (xPos: Sun et al. 2022, arXiv 2212.10554, section 2.2): pair i of a query at n is
/// rotated and multiplied by z[i]^(n / scale), of a key at m by z[i]^(-m / scale), with z[i] = (2 i / R + gamma) / (1 + gamma), R the rotated
/// part of a head. So their product has z[i]^((n - m) / scale), which fades fastest where rotation is fastest.
/// </summary>
/// <remarks>
/// As in the authors' code, positions in the exponents count from the middle of the table, which leaves the products and halves the
/// exponents. Halves of a head are paired, as everywhere here; the paper pairs neighbours.
/// </remarks>
public sealed class XPos : IAttentionEncoding
{
    // Products of amplitudes and activations must stay far from float32's largest, 3.4e38.
    private const double LargestAmplitude = 1e30;

    private readonly PositionStream _over;
    private readonly RotaryShape _shape;
    private readonly IRotaryScaling _scaling;
    private readonly LogScale? _logScale;
    private readonly double _scale;
    private readonly double _gamma;
    private readonly ITensorBackend _backend;

    // By number of rows, which decides from where exponents count: one table for all would depend on what rows came before, as after a resume.
    private readonly Dictionary<long, (RotaryTableCache Query, RotaryTableCache Key)> _tables = [];

    private XPos(EncodingContext context)
    {
        ModelConfig config = context.Config;
        _over = context.Over;
        _shape = new RotaryShape(config.RotaryDimension, config.RotaryBase, config.MaximumPositions);
        _scaling = RotaryScalings.Create(config.RotaryScaling, config.MaximumPositions);
        _logScale = config.LogScale ? new LogScale(config.TrainScale) : null;
        _scale = context.Number("scale_base");
        _gamma = context.Number("gamma");
        _backend = context.Backend;
    }

    /// <summary>Its description.</summary>
    public static AttentionEncodingKind Kind { get; } = new(
        "xpos", "rope whose products fade with the distance", "Sun et al. 2022, arXiv 2212.10554", context => new XPos(context))
    {
        IsRotary = true,
        Options =
        [
            new EncodingOption("scale_base", 512, 1, 1 << 24, "positions over which products fade by one power"),
            new EncodingOption("gamma", 0.4, 0.01, 100, "the larger, the slower products fade"),
        ],
    };

    /// <inheritdoc/>
    public IReadOnlyList<Parameter> Parameters => [];

    /// <inheritdoc/>
    /// <exception cref="BipeException">The row is so long that amplitudes leave float32's range.</exception>
    public AttentionTerms Build(Tape tape, PositionStreams positions, AttentionShape shape)
    {
        ArgumentNullException.ThrowIfNull(positions);
        RotaryFrequencies frequencies = _scaling.Compute(_shape, positions.Time);
        int rows = positions.Largest(_over) + 1;
        long tableRows = PositionTableSize.RowsFor(rows);
        long center = tableRows / 2;
        if (Math.Pow(Base(0), -center / _scale) > LargestAmplitude)
        {
            throw new BipeException(
                $"xpos fades beyond what float32 holds over {rows} positions; raise position.attention.scale_base ({_scale}) or shorten the blocks.");
        }

        if (!_tables.TryGetValue(tableRows, out (RotaryTableCache Query, RotaryTableCache Key) tables))
        {
            tables = (new RotaryTableCache(_backend), new RotaryTableCache(_backend));
            _tables.Add(tableRows, tables);
        }

        (Tensor queryCosine, Tensor querySine) = tables.Query.Get(
            frequencies, rows, (position, pair) => Math.Pow(Base(pair), (position - center) / _scale) * (_logScale?.Factor(position) ?? 1));
        (Tensor keyCosine, Tensor keySine) = tables.Key.Get(frequencies, rows, (position, pair) => Math.Pow(Base(pair), (center - position) / _scale));
        return new AttentionTerms(new RotaryTables(queryCosine, querySine, keyCosine, keySine, positions.Upload(tape, _over)), null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((RotaryTableCache query, RotaryTableCache key) in _tables.Values)
        {
            query.Dispose();
            key.Dispose();
        }
    }

    private double Base(int pair) => ((2.0 * pair / _shape.HeadDimension) + _gamma) / (1 + _gamma);
}
