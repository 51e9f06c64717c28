using BiPE.Core.Autograd;
using BiPE.Core.Positions.Attention;
using BiPE.Core.Tensors;

namespace BiPE.Core.Model;

/// <summary>One pre-norm decoder layer: x + attention(norm(x)), then x + mlp(norm(x)).</summary>
internal sealed class DecoderLayer
{
    private readonly Parameter _attentionNorm;
    private readonly Parameter _mlpNorm;
    private readonly AttentionLayer _attention;
    private readonly Mlp _mlp;
    private readonly double _epsilon;

    public DecoderLayer(ITensorBackend backend, ModelConfig config, int index, bool isFrozen)
    {
        string prefix = $"model.layers.{index}";
        _attention = new AttentionLayer(backend, config, $"{prefix}.self_attn", index, isFrozen);
        _mlp = new Mlp(backend, config, $"{prefix}.mlp", isFrozen);
        _attentionNorm = Norm(backend, config, $"{prefix}.input_layernorm.weight");
        _mlpNorm = Norm(backend, config, $"{prefix}.post_attention_layernorm.weight");
        _epsilon = config.RmsNormEpsilon;
    }

    public IEnumerable<Parameter> Parameters => [.. _attention.Parameters, .. _mlp.Parameters, _attentionNorm, _mlpNorm];

    public static Parameter Norm(ITensorBackend backend, ModelConfig config, string name) =>
        new(backend, name, new Shape(config.HiddenSize)) { Role = ParameterRole.Norm };

    /// <summary>Both halves of the layer.</summary>
    public Variable Forward(Tape tape, Variable input, AttentionShape shape, AttentionTerms terms, bool recomputesFeedForward = false)
    {
        Variable attended = Attend(tape, input, shape, terms);
        Variable output = Transform(tape, attended, recomputesFeedForward);
        tape.Discard(attended);
        return output;
    }

    /// <summary>x + attention(norm(x)).</summary>
    public Variable Attend(Tape tape, Variable input, AttentionShape shape, AttentionTerms terms, KeyValueCache? cache = null) => tape.Block(
        (inner, x) => _attention.Forward(inner, x, inner.RmsNorm(x, _attentionNorm, _epsilon), shape, terms, cache), input);

    /// <summary>x + mlp(norm(x)).</summary>
    public Variable Transform(Tape tape, Variable attended, bool recomputesGates = false) =>
        tape.Block((inner, x) => _mlp.Forward(inner, x, inner.RmsNorm(x, _mlpNorm, _epsilon), recomputesGates), attended);
}
