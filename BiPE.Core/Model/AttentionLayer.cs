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

    public AttentionLayer(ITensorBackend backend, ModelConfig config, string prefix)
    {
        int query = config.HeadCount * config.HeadDimension;
        int shared = config.KeyValueHeadCount * config.HeadDimension;
        _queryKeyValue = new Parameter(backend, $"{prefix}.qkv_proj.weight", new Shape(query + (2 * shared), config.HiddenSize))
        {
            Parts = Parts("weight"),
        };
        _output = new Parameter(backend, $"{prefix}.o_proj.weight", new Shape(config.HiddenSize, query));
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
    public Variable Forward(Tape tape, Variable residual, Variable normed, AttentionShape shape, AttentionTerms terms)
    {
        Variable packed = tape.AddBiasInPlace(tape.MatMul(normed, _queryKeyValue), _queryKeyValueBias);
        if (terms.Rotary is { } rotary)
        {
            var extents = new Shape(shape.Batch, shape.Time, shape.HeadCount + (2 * shape.KeyValueHeadCount), shape.HeadDimension);
            packed = tape.RotateInPlace(packed, extents, rotary.Rotations(shape.HeadCount, shape.KeyValueHeadCount));
        }

        Variable attended = tape.Attention(packed, shape, terms.Bias);
        tape.Discard(packed);
        return tape.AddBiasInPlace(tape.MatMulAdd(residual, attended, _output), _outputBias);
    }
}
