using BiPE.Core.Autograd;
using BiPE.Core.Model;
using BiPE.Core.Tensors;

namespace BiPE.Core.Positions.Scores;

/// <summary>
/// Contextual position encoding, CoPE (Golovneva et al. 2024, arXiv 2405.18719, section 4 and the listing of the appendix).
/// With scaled scores s[i, j] = q[i] . k[j] / sqrt(headDim), a gate g[i, j] = sigmoid(s[i, j]) says whether query i counts token j,
/// the position of key j is the count p[i, j] = sum over k = j .. i of g[i, k], at most rows - 1, and q[i] . e[p[i, j]] is added to the
/// score, where e is a learned table that is read between its rows for fractional positions.
/// </summary>
/// <remarks>
/// The table is shared by the heads of a layer. The authors' program can share it between layers too and starts it at zero; here each
/// layer has its own, and it starts as other embeddings do.
/// Over segments, which the paper does not define, only tokens that close a segment are counted: gates of other tokens are 0. So
/// a position is the number of closed segments that a query counts, and with a segment a token it is the plain form.
/// </remarks>
public sealed class Cope : IScoreEncoding
{
    /// <summary>Rows of the table: the farthest position is one less.</summary>
    public const int DefaultRows = 64;

    private readonly Parameter[] _tables;
    private readonly bool _countsSegments;

    /// <summary>Creates the encoding.</summary>
    /// <param name="backend">Where tables live.</param>
    /// <param name="over">Tokens or segments, what is counted.</param>
    /// <param name="layers">Layers of the model.</param>
    /// <param name="headDimension">Size of a head.</param>
    /// <param name="rows">Positions that are told apart, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The stream is neither tokens nor segments, or a number is not positive.</exception>
    public Cope(ITensorBackend backend, PositionStream over, int layers, int headDimension, int rows = DefaultRows)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(layers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        ArgumentOutOfRangeException.ThrowIfEqual((int)over, (int)PositionStream.Offset, nameof(over));
        _countsSegments = over == PositionStream.Segment;
        _tables =
        [
            .. Enumerable.Range(0, layers).Select(layer => new Parameter(backend, $"model.cope.{layer}.weight", new Shape(rows, headDimension))
            {
                Role = ParameterRole.Embedding,
            }),
        ];
    }

    /// <summary>Its description.</summary>
    public static AttentionEncodingKind Kind { get; } = new(
        "cope", "counts tokens, or segments, that a query's gates let through", "Golovneva et al. 2024, arXiv 2405.18719", _ => null)
    {
        CreateScores = Create,
        Options = [new EncodingOption("rows", DefaultRows, 1, 1 << 20, "positions that are told apart; farther ones share the last") { IsInteger = true }],
    };

    /// <inheritdoc/>
    public IReadOnlyList<Parameter> Parameters => _tables;

    /// <summary>Rows of the table of a model.</summary>
    /// <param name="config">The model's configuration.</param>
    public static int RowsOf(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return config.AttentionOptions is { } options && options.TryGetValue("rows", out double rows) ? (int)rows : DefaultRows;
    }

    /// <summary>Makes it as a configuration describes.</summary>
    /// <param name="context">Configuration and options.</param>
    /// <exception cref="BipeException">The configuration has <c>log_scale</c>.</exception>
    public static Cope Create(EncodingContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        ModelConfig config = context.Config;
        return config.LogScale
            ? throw new BipeException($"log_scale is set, but {config.PositionEncoding} counts in the queries' own scale; remove log_scale.")
            : new Cope(context.Backend, context.Over, config.LayerCount, config.HeadDimension, context.Integer("rows"));
    }

    /// <inheritdoc/>
    public Variable Modify(Tape tape, Variable scores, Variable query, ScoreTerms terms, int layer)
    {
        ArgumentNullException.ThrowIfNull(tape);
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(terms);
        Tensor counted = tape.Scope.Allocate(new Shape(terms.Positions.Batch, terms.QueryCount, terms.KeyCount), scores.Value.Type);
        tape.Backend.WriteFloats(counted, Counted(terms));
        Variable gates = tape.MaskInPlace(tape.Unary(scores, UnaryKind.Sigmoid), counted);
        Variable positions = tape.CumulativeSum(gates, fromEnd: true);
        tape.Discard(gates);
        Variable table = tape.Convert(_tables[layer], scores.Value.Type);
        Variable byPosition = tape.BatchedMatMul(query, table, transposeB: true); // [batch * heads, queries, rows]
        Variable contextual = tape.InterpolateRows(byPosition, positions);
        tape.Discard(positions);
        tape.Discard(byPosition);
        Variable result = tape.Add(scores, contextual);
        tape.Discard(contextual);
        return result;
    }

    /// <summary>1 where a query may count a key, 0 where it must not; <c>[batch, queries, keys]</c>.</summary>
    private float[] Counted(ScoreTerms terms)
    {
        PositionStreams positions = terms.Positions;
        int keys = terms.KeyCount;
        var counted = new float[positions.Batch * terms.QueryCount * keys];
        for (int row = 0; row < positions.Batch; row++)
        {
            for (int query = 0; query < terms.QueryCount; query++)
            {
                Span<float> line = counted.AsSpan(((row * terms.QueryCount) + query) * keys, keys);
                for (int key = 0; key <= terms.FirstQuery + query; key++)
                {
                    line[key] = !_countsSegments || positions.ClosesSegment(row, key) ? 1 : 0;
                }
            }
        }

        return counted;
    }
}
