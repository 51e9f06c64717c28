using BiPE.Core.Autograd;
using BiPE.Core.Tensors;

namespace BiPE.Core.Positions.Embeddings;

/// <summary>
/// A learned vector for each id of a stream; ids beyond the table take its last row. Over <see cref="PositionStream.Offset"/>
/// it is BiPE's intra-segment encoding (He et al. 2024, section 3.2).
/// </summary>
public sealed class LearnedEmbedding : IEmbeddingEncoding
{
    /// <summary>Name of the table of positions inside a segment, as in the reference.</summary>
    public const string IntraSegmentName = "model.embeds.0.weight";

    /// <summary>Name of the table of positions in the block, the baseline's.</summary>
    public const string TokenName = "model.embed_positions.weight";

    private readonly Parameter _table;
    private readonly PositionStream _over;

    /// <summary>Creates the encoding and its table.</summary>
    /// <param name="backend">Where the table lives.</param>
    /// <param name="name">Name of the table.</param>
    /// <param name="over">Stream that is read.</param>
    /// <param name="rows">Rows of the table.</param>
    /// <param name="hiddenSize">Width of a row.</param>
    /// <param name="paddingRow">Row that starts at zero and gets no gradient, or -1.</param>
    public LearnedEmbedding(ITensorBackend backend, string name, PositionStream over, int rows, int hiddenSize, int paddingRow)
    {
        _table = new Parameter(backend, name, new Shape(rows, hiddenSize)) { Role = ParameterRole.Embedding, PaddingRow = paddingRow };
        _over = over;
    }

    /// <summary>Its description.</summary>
    public static EmbeddingEncodingKind Kind { get; } = new(
        "learned", "a learned vector for each id, added", "Gehring et al. 2017, arXiv 1705.03122; over offsets He et al. 2024, arXiv 2401.16421", Create)
    {
        Options =
        [
            new EncodingOption("rows", null, 1, 1 << 24, "ids that are told apart; later ones share the last row") { IsInteger = true, DefaultText = "train_scale" },
        ],
    };

    /// <inheritdoc/>
    public IReadOnlyList<Parameter> Parameters => [_table];

    /// <summary>Makes it as a configuration describes.</summary>
    /// <param name="context">Configuration and options.</param>
    public static LearnedEmbedding Create(EncodingContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        int rows = context.IntegerOr("rows", context.Config.TrainScale);
        string name = context.Over == PositionStream.Offset ? IntraSegmentName : TokenName;
        return new LearnedEmbedding(context.Backend, name, context.Over, rows, context.Config.HiddenSize, context.Config.PaddingRow(rows));
    }

    /// <inheritdoc/>
    public Variable Apply(Tape tape, Variable hidden, PositionStreams positions)
    {
        ArgumentNullException.ThrowIfNull(tape);
        ArgumentNullException.ThrowIfNull(positions);
        Tensor ids = positions.Upload(tape, _over, limit: _table.Shape[0] - 1);
        return tape.AddRowsInPlace(hidden, _table, ids, _table.PaddingRow);
    }
}
