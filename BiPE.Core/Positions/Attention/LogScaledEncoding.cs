using BiPE.Core.Autograd;
using BiPE.Core.Positions.Rotary;
using BiPE.Core.Tensors;

namespace BiPE.Core.Positions.Attention;

/// <summary>Multiplies queries by a factor of their position, beside an encoding that does not rotate them; it needs an even head size.</summary>
internal sealed class LogScaledEncoding(ITensorBackend backend, PositionStream over, IAttentionEncoding? inner, LogScale scale) : IAttentionEncoding
{
    private readonly RotaryTableCache _factors = new(backend);

    public IReadOnlyList<Parameter> Parameters => inner?.Parameters ?? [];

    public AttentionTerms Build(Tape tape, PositionStreams positions, AttentionShape shape)
    {
        AttentionTerms terms = inner?.Build(tape, positions, shape) ?? new AttentionTerms(null, null);
        Tensor ids = terms.Bias?.Positions ?? positions.Upload(tape, over);

        // A rotation by no angle whose amplitude is the queries' factor.
        var still = new RotaryFrequencies(new double[shape.HeadDimension / 2], 1);
        (Tensor cosine, Tensor sine) = _factors.Get(still, positions.Largest(over) + 1, (position, _) => scale.Factor(position));
        return terms with { Rotary = new RotaryTables(cosine, sine, null, null, ids) };
    }

    public void Dispose()
    {
        inner?.Dispose();
        _factors.Dispose();
    }
}
