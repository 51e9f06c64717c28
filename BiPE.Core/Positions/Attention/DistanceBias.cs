using BiPE.Core.Autograd;
using BiPE.Core.Tensors;

namespace BiPE.Core.Positions.Attention;

/// <summary>A bias of the scores that depends on the head and on the distance between query and key alone.</summary>
/// <param name="over">Stream whose ids have the distances.</param>
public abstract class DistanceBias(PositionStream over) : IAttentionEncoding
{
    // Tables that grow step by step would defeat the backends' pools.
    private const int Granularity = 16;

    /// <inheritdoc/>
    public virtual IReadOnlyList<Parameter> Parameters => [];

    /// <inheritdoc/>
    public AttentionTerms Build(Tape tape, PositionStreams positions, AttentionShape shape)
    {
        ArgumentNullException.ThrowIfNull(positions);
        int distances = (positions.Largest(over) / Granularity * Granularity) + Granularity;
        return new AttentionTerms(
            null, new AttentionBiasVariable(AttentionBiasKind.PerDistance, Table(tape, distances), positions.Upload(tape, over)));
    }

    /// <summary>Nothing to give back; parameters belong to the model.</summary>
    public void Dispose() => GC.SuppressFinalize(this);

    /// <summary>The bias of every distance.</summary>
    /// <param name="tape">Runs the operations on learned parameters.</param>
    /// <param name="distances">How many are asked for, from 0.</param>
    /// <returns><c>[heads, distances]</c> of the statistics type.</returns>
    protected abstract Variable Table(Tape tape, int distances);

    /// <summary>A learned number for each head, of the statistics type, <c>[heads, 1]</c>.</summary>
    /// <param name="context">Where it lives, and the number of heads.</param>
    /// <param name="name">What comes after the encoding's name in its own.</param>
    /// <param name="initial">What head h starts with.</param>
    protected static Parameter PerHead(EncodingContext context, string name, Func<int, double> initial)
    {
        ArgumentNullException.ThrowIfNull(context);
        int heads = context.Config.HeadCount;
        return new Parameter(context.Backend, $"model.{context.Kind.Name}.{name}", new Shape(heads, 1), context.Backend.Info.StatisticsType)
        {
            Role = ParameterRole.Position,
            InitialValues = [.. Enumerable.Range(0, heads).Select(head => (float)initial(head))],
        };
    }

    /// <summary>factor[h] * f(d) for a learned factor <c>[heads, 1]</c>.</summary>
    /// <param name="tape">Runs the operation.</param>
    /// <param name="factor">A number for each head.</param>
    /// <param name="distances">How many are asked for.</param>
    /// <param name="function">What the factor is multiplied by.</param>
    /// <returns><c>[heads, distances]</c>.</returns>
    protected static Variable Outer(Tape tape, Variable factor, int distances, Func<int, double> function)
    {
        ArgumentNullException.ThrowIfNull(tape);
        return tape.MatMul(factor, tape.ConstantTable(distances, 1, (distance, _) => function(distance)));
    }
}
