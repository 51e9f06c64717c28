using BiPE.Core.Autograd;
using BiPE.Core.Tensors;

namespace BiPE.Core.Model;

/// <summary>The gated feed-forward layer: down(silu(gate(x)) * up(x)), gate and up packed in one projection.</summary>
internal sealed class Mlp
{
    private readonly Parameter _gateUp;
    private readonly Parameter _down;
    private readonly Parameter? _gateUpBias;
    private readonly Parameter? _downBias;

    public Mlp(ITensorBackend backend, ModelConfig config, string prefix, bool isFrozen)
    {
        _gateUp = new Parameter(backend, $"{prefix}.gate_up_proj.weight", new Shape(2 * config.IntermediateSize, config.HiddenSize), isFrozen)
        {
            Parts = Parts("weight"),
        };
        _down = new Parameter(backend, $"{prefix}.down_proj.weight", new Shape(config.HiddenSize, config.IntermediateSize), isFrozen);
        if (config.MlpBias)
        {
            _gateUpBias = new Parameter(backend, $"{prefix}.gate_up_proj.bias", new Shape(2 * config.IntermediateSize))
            {
                Role = ParameterRole.Bias,
                Parts = Parts("bias"),
            };
            _downBias = new Parameter(backend, $"{prefix}.down_proj.bias", new Shape(config.HiddenSize)) { Role = ParameterRole.Bias };
        }

        IReadOnlyList<ParameterPart> Parts(string kind) =>
        [
            new ParameterPart($"{prefix}.gate_proj.{kind}", 0, config.IntermediateSize),
            new ParameterPart($"{prefix}.up_proj.{kind}", config.IntermediateSize, config.IntermediateSize),
        ];
    }

    public IEnumerable<Parameter> Parameters => new[] { _gateUp, _gateUpBias, _down, _downBias }.OfType<Parameter>();

    /// <summary>residual + mlp(normed).</summary>
    /// <param name="tape">Runs the operations.</param>
    /// <param name="residual">What the result is added to.</param>
    /// <param name="normed">The layer's input; nothing else reads it.</param>
    /// <param name="recomputesGates">Whether the packed projection is computed again in the backward pass.</param>
    public Variable Forward(Tape tape, Variable residual, Variable normed, bool recomputesGates)
    {
        Variable gates = tape.AddBiasInPlace(tape.MatMul(normed, _gateUp), _gateUpBias);
        tape.Discard(normed);
        Variable inner = tape.SwiGlu(gates);
        tape.Discard(gates, recomputesGates);
        Variable output = tape.AddBiasInPlace(tape.MatMulAdd(residual, inner, _down), _downBias);
        tape.Discard(inner);
        return output;
    }
}
