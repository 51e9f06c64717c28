using BiPE.Core.Autograd;
using BiPE.Core.Tensors;

namespace BiPE.Core.Model;

/// <summary>The gated feed-forward layer: down(silu(gate(x)) * up(x)), gate and up packed in one projection.</summary>
internal sealed class Mlp
{
    private readonly Parameter _gateUp;
    private readonly Parameter _down;

    public Mlp(ITensorBackend backend, ModelConfig config, string prefix)
    {
        _gateUp = new Parameter(backend, $"{prefix}.gate_up_proj.weight", new Shape(2 * config.IntermediateSize, config.HiddenSize))
        {
            Parts =
            [
                new ParameterPart($"{prefix}.gate_proj.weight", 0, config.IntermediateSize),
                new ParameterPart($"{prefix}.up_proj.weight", config.IntermediateSize, config.IntermediateSize),
            ],
        };
        _down = new Parameter(backend, $"{prefix}.down_proj.weight", new Shape(config.HiddenSize, config.IntermediateSize));
    }

    public IEnumerable<Parameter> Parameters => [_gateUp, _down];

    /// <summary>residual + mlp(normed).</summary>
    public Variable Forward(Tape tape, Variable residual, Variable normed)
    {
        Variable gates = tape.MatMul(normed, _gateUp);
        Variable inner = tape.SwiGlu(gates);
        tape.Discard(gates);
        return tape.MatMulAdd(residual, inner, _down);
    }
}
