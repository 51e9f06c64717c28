using BiPE.Core.Autograd;
using BiPE.Core.Tensors;

namespace BiPE.Core.Positions.Embeddings;

/// <summary>
/// Fixed sines and cosines, added (Vaswani et al. 2017, arXiv 1706.03762, section 3.5): element 2 i of position p is scale *
/// sin(p / 10000^(2 i / hidden)), element 2 i + 1 its cosine. The paper's scale is 1 beside token embeddings of deviation 1; the default
/// here keeps that proportion to the embeddings of the model at its start.
/// </summary>
public sealed class SinusoidalEmbedding : IEmbeddingEncoding, IDisposable
{
    private readonly ITensorBackend _backend;
    private readonly PositionStream _over;
    private readonly int _hiddenSize;
    private readonly double _scale;
    private Tensor? _table;

    private SinusoidalEmbedding(EncodingContext context)
    {
        _backend = context.Backend;
        _over = context.Over;
        _hiddenSize = context.Config.HiddenSize;
        _scale = context.NumberOr("scale", context.Config.InitializerRange);
    }

    /// <summary>Its description.</summary>
    public static EmbeddingEncodingKind Kind { get; } = new(
        "sinusoidal", "fixed sines and cosines, added", "Vaswani et al. 2017, arXiv 1706.03762", context => new SinusoidalEmbedding(context))
    {
        Options = [new EncodingOption("scale", null, 0, 1e6, "amplitude of the waves") { DefaultText = "initializer_range" }],
    };

    /// <inheritdoc/>
    public IReadOnlyList<Parameter> Parameters => [];

    /// <inheritdoc/>
    public Variable Apply(Tape tape, Variable hidden, PositionStreams positions)
    {
        ArgumentNullException.ThrowIfNull(tape);
        ArgumentNullException.ThrowIfNull(positions);
        return tape.AddRowsInPlace(hidden, Tape.Constant(Table(positions.Largest(_over) + 1)), positions.Upload(tape, _over));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_table is not null)
        {
            _backend.Release(_table);
            _table = null;
        }
    }

    /// <summary>A table of at least the given rows.</summary>
    private Tensor Table(int rows)
    {
        if (_table is not null && _table.Shape[0] >= rows)
        {
            return _table;
        }

        var values = new double[PositionTableSize.Of(PositionTableSize.RowsFor(rows), _hiddenSize)];
        Dispose();
        for (int i = 0; i < values.Length; i++)
        {
            int element = i % _hiddenSize;
            double angle = i / _hiddenSize * Math.Pow(10000, -2.0 * (element / 2) / _hiddenSize);
            values[i] = _scale * (element % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle));
        }

        _table = _backend.Allocate(new Shape(values.Length / _hiddenSize, _hiddenSize), _backend.Info.ActivationType);
        _backend.WriteDoubles(_table, values);
        return _table;
    }
}
