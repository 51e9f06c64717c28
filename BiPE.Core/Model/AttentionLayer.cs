using BiPE.Core.Autograd;
using BiPE.Core.Positions.Attention;
using BiPE.Core.Tensors;

namespace BiPE.Core.Model;

/// <summary>Grouped causal self-attention: one packed projection, the encoding's rotation and bias, one output projection.</summary>
internal sealed class AttentionLayer
{
    private readonly Parameter _queryKeyValue;
    private readonly Parameter _output;
    private readonly Parameter? _queryKeyValueBias;
    private readonly Parameter? _outputBias;
    private readonly int _queryRows;
    private readonly int _layer;

    public AttentionLayer(ITensorBackend backend, ModelConfig config, string prefix, int layer, bool isFrozen)
    {
        _layer = layer;
        int query = config.HeadCount * config.HeadDimension;
        _queryRows = query;
        int shared = config.KeyValueHeadCount * config.HeadDimension;
        _queryKeyValue = new Parameter(backend, $"{prefix}.qkv_proj.weight", new Shape(query + (2 * shared), config.HiddenSize), isFrozen)
        {
            Parts = Parts("weight"),
        };
        _output = new Parameter(backend, $"{prefix}.o_proj.weight", new Shape(config.HiddenSize, query), isFrozen);
        if (config.AttentionBias)
        {
            _queryKeyValueBias = new Parameter(backend, $"{prefix}.qkv_proj.bias", new Shape(query + (2 * shared)))
            {
                Role = ParameterRole.Bias,
                Parts = Parts("bias"),
            };
            _outputBias = new Parameter(backend, $"{prefix}.o_proj.bias", new Shape(config.HiddenSize)) { Role = ParameterRole.Bias };
        }

        IReadOnlyList<ParameterPart> Parts(string kind) =>
        [
            new ParameterPart($"{prefix}.q_proj.{kind}", 0, query),
            new ParameterPart($"{prefix}.k_proj.{kind}", query, shared),
            new ParameterPart($"{prefix}.v_proj.{kind}", query + shared, shared),
        ];
    }

    public IEnumerable<Parameter> Parameters => new[] { _queryKeyValue, _queryKeyValueBias, _output, _outputBias }.OfType<Parameter>();

    /// <summary>residual + projection of attention(normed).</summary>
    /// <param name="tape">Runs the operations.</param>
    /// <param name="residual">What the result is added to.</param>
    /// <param name="normed">The layer's input; nothing else reads it.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="terms">The encoding's rotation and bias.</param>
    /// <param name="cache">Holds the row's tokens before these, and takes these; null if the whole rows are here.</param>
    public Variable Forward(
        Tape tape, Variable residual, Variable normed, AttentionShape shape, AttentionTerms terms, KeyValueCache? cache = null)
    {
        Variable attended = cache is null ? AttendWhole(tape, normed, shape, terms) : AttendCached(tape, normed, shape, terms, cache);
        return tape.AddBiasInPlace(tape.MatMulAdd(residual, attended, _output), _outputBias);
    }

    private Variable AttendWhole(Tape tape, Variable normed, AttentionShape shape, AttentionTerms terms)
    {
        Variable packed = tape.AddBiasInPlace(tape.MatMul(normed, _queryKeyValue), _queryKeyValueBias);
        tape.Discard(normed);
        if (terms.Rotary is { } rotary)
        {
            var extents = new Shape(shape.Batch, shape.Time, shape.HeadCount + (2 * shape.KeyValueHeadCount), shape.HeadDimension);
            packed = tape.RotateInPlace(packed, extents, rotary.Rotations(shape.HeadCount, shape.KeyValueHeadCount));
        }

        Variable attended = terms.Scores is null
            ? tape.Attention(packed, shape, terms.Bias, terms.Documents)
            : ComposedAttention.Attend(tape, packed, shape, terms, _layer);
        tape.Discard(packed);
        return attended;
    }

    /// <summary>Queries of the tokens at hand to their keys and the cached ones; the projections are computed where they will lie.</summary>
    private Variable AttendCached(Tape tape, Variable normed, AttentionShape shape, AttentionTerms terms, KeyValueCache cache)
    {
        if (tape.IsRecording)
        {
            throw new InvalidOperationException("Attention to cached keys has no gradient.");
        }

        int tokens = shape.Time;
        int sharedRows = shape.KeyValueHeadCount * shape.HeadDimension;
        Tensor query = tape.Scope.Allocate(new Shape(1, tokens, shape.HeadCount, shape.HeadDimension));
        (Tensor keys, Tensor values) = cache.Extend(tokens);
        Project(query, 0, _queryRows);
        Project(keys, _queryRows, sharedRows);
        Project(values, _queryRows + sharedRows, sharedRows);
        tape.Discard(normed);
        if (terms.Rotary is { } rotary)
        {
            Rotate(query, rotary.Rotations(shape.HeadCount, 0));
            Rotate(keys, rotary.Rotations(0, shape.KeyValueHeadCount));
        }

        if (terms.Scores is not null)
        {
            return ComposedAttention.AttendCached(tape, query, cache.Keys, cache.Values, shape, terms, _layer);
        }

        Tensor attended = tape.Scope.Allocate(query.Shape);
        Tensor logSumExp = tape.Scope.Allocate(new Shape(1, shape.HeadCount, tokens), tape.Backend.Info.StatisticsType);
        tape.Backend.Attention(attended, logSumExp, AttentionArguments.FromCache(query, cache.Keys, cache.Values, shape.Scale) with
        {
            Bias = terms.Bias is { } bias ? new AttentionBias(bias.Kind, bias.Table.Value, bias.Positions) : null,
        });
        tape.Scope.Release(query);
        return Tape.Constant(attended.Reshape(tokens, _queryRows));

        void Project(Tensor destination, int firstRow, int rows)
        {
            Tensor projected = destination.Reshape(tokens, rows);
            tape.Backend.MatMul(projected, normed.Value, _queryKeyValue.Value.Slice(firstRow, rows), new MatMulOptions { TransposeB = true });
            if (_queryKeyValueBias is not null)
            {
                _ = tape.AddBiasInPlace(Tape.Constant(projected), Tape.Constant(_queryKeyValueBias.Value.Slice(firstRow, rows)));
            }
        }

        void Rotate(Tensor heads, IReadOnlyList<RotateArguments> rotations)
        {
            // A query's tables of a key without query heads, or the other way around, turn nothing.
            foreach (RotateArguments rotation in rotations.Where(rotation => rotation.HeadCount > 0))
            {
                tape.Backend.Rotate(heads, rotation);
            }
        }
    }
}
