using BiPE.Core.Autograd;
using BiPE.Core.Positions.Attention;
using BiPE.Core.Tensors;

namespace BiPE.Core.Model;

/// <summary>Grouped causal self-attention: one packed projection, the encoding's rotation and bias, one output projection.</summary>
internal sealed class AttentionLayer
{
    private readonly Parameter _queryKeyValue;
    private readonly Parameter _output;

    public AttentionLayer(ITensorBackend backend, ModelConfig config, string prefix)
    {
        int query = config.HeadCount * config.HeadDimension;
        int shared = config.KeyValueHeadCount * config.HeadDimension;
        _queryKeyValue = new Parameter(backend, $"{prefix}.qkv_proj.weight", new Shape(query + (2 * shared), config.HiddenSize))
        {
            Parts =
            [
                new ParameterPart($"{prefix}.q_proj.weight", 0, query),
                new ParameterPart($"{prefix}.k_proj.weight", query, shared),
                new ParameterPart($"{prefix}.v_proj.weight", query + shared, shared),
            ],
        };
        _output = new Parameter(backend, $"{prefix}.o_proj.weight", new Shape(config.HiddenSize, query));
    }

    public IEnumerable<Parameter> Parameters => [_queryKeyValue, _output];

    /// <summary>residual + projection of attention(normed).</summary>
    public Variable Forward(Tape tape, Variable residual, Variable normed, AttentionShape shape, AttentionTerms terms)
    {
        Variable packed = tape.MatMul(normed, _queryKeyValue);
        if (terms.Rotary is { } rotary)
        {
            var extents = new Shape(shape.Batch, shape.Time, shape.HeadCount + (2 * shape.KeyValueHeadCount), shape.HeadDimension);
            packed = tape.RotateInPlace(packed, extents, rotary.Rotations(shape.HeadCount, shape.KeyValueHeadCount));
        }

        Variable attended = tape.Attention(packed, shape, terms.Bias);
        tape.Discard(packed);
        return tape.MatMulAdd(residual, attended, _output);
    }
}
