using BiPE.Core.Autograd;
using BiPE.Core.Positions.Attention;
using BiPE.Core.Positions.Rotary;
using BiPE.Core.Tensors;

namespace BiPE.Core.Positions.Embeddings;

/// <summary>
/// Rotates the token embedding by its position: rope's rotation (Su et al. 2021, arXiv 2104.09864, equation 15) as an absolute encoding, element
/// i paired with element i + hidden / 2, before the first layer instead of in each attention. So it goes with any encoding of the attention,
/// rope between segments too.
/// </summary>
public sealed class RotaryEmbedding : IEmbeddingEncoding, IDisposable
{
    private readonly PositionStream _over;
    private readonly RotaryShape _shape;
    private readonly RotaryTableCache _tables;

    private RotaryEmbedding(EncodingContext context)
    {
        int hidden = context.Config.HiddenSize;
        if (hidden % 2 != 0)
        {
            throw new BipeException($"hidden_size is {hidden}, but the rotary embedding pairs its halves; choose an even one.");
        }

        _over = context.Over;
        _shape = new RotaryShape(hidden, context.Number("base"), context.Config.MaximumPositions);
        _tables = new RotaryTableCache(context.Backend);
    }

    /// <summary>Its description.</summary>
    public static EmbeddingEncodingKind Kind { get; } = new(
        "rotary", "rotates the embedding itself by the position", "Su et al. 2021, arXiv 2104.09864", context => new RotaryEmbedding(context))
    {
        Options = [new EncodingOption("base", 10000, 1.001, 1e12, "base of the frequencies")],
    };

    /// <inheritdoc/>
    public IReadOnlyList<Parameter> Parameters => [];

    /// <inheritdoc/>
    public Variable Apply(Tape tape, Variable hidden, PositionStreams positions)
    {
        ArgumentNullException.ThrowIfNull(tape);
        ArgumentNullException.ThrowIfNull(positions);
        var frequencies = new RotaryFrequencies(_shape.InverseFrequencies(_shape.Base), 1);
        (Tensor cosine, Tensor sine) = _tables.Get(frequencies, positions.Largest(_over) + 1, factor: null);
        return tape.RotateInPlace(
            hidden, new Shape(positions.Batch, positions.Time, 1, _shape.HeadDimension),
            [new RotateArguments(0, 1, cosine, sine, positions.Upload(tape, _over))]);
    }

    /// <inheritdoc/>
    public void Dispose() => _tables.Dispose();
}
