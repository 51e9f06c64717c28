using BiPE.Core.Autograd;
using BiPE.Core.Tensors;

namespace BiPE.Core.Positions.Attention;

/// <summary>
/// A learned bias for each head and bucket of distances (T5: Raffel et al. 2020, arXiv 1910.10683, section 2.1). As in the authors' code
/// without future tokens: half of the buckets are single distances, the others grow logarithmically up to the largest distance, beyond
/// which all share the last. Layers share the table.
/// </summary>
public sealed class T5Bias : DistanceBias
{
    private readonly Parameter _table;
    private readonly int _maximumDistance;

    private T5Bias(EncodingContext context)
        : base(context.Over)
    {
        _maximumDistance = context.Integer("max_distance");
        int buckets = context.Integer("buckets");
        if (_maximumDistance <= buckets / 2)
        {
            throw new BipeException(
                $"position.attention.max_distance is {_maximumDistance}, expected more than the {buckets / 2} distances that have a bucket of their own (half of buckets).");
        }

        _table = new Parameter(
            context.Backend, "model.t5.weight", new Shape(context.Config.HeadCount, buckets), context.Backend.Info.StatisticsType)
        {
            Role = ParameterRole.Embedding,
        };
    }

    /// <summary>Its description.</summary>
    public static AttentionEncodingKind Kind { get; } = new(
        "t5", "a learned bias for each head and bucket of distances", "Raffel et al. 2020, arXiv 1910.10683", context => new T5Bias(context))
    {
        Options =
        [
            new EncodingOption("buckets", 32, 2, 4096, "buckets of distances") { IsInteger = true },
            new EncodingOption("max_distance", 128, 2, 1 << 24, "distance from which all share the last bucket") { IsInteger = true },
        ],
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters => [_table];

    /// <summary>Bucket of a distance.</summary>
    /// <param name="distance">Query's less key's position, from 0.</param>
    /// <param name="buckets">Number of buckets, at least 2.</param>
    /// <param name="maximumDistance">Distance from which all share the last, more than half of the buckets.</param>
    public static int Bucket(int distance, int buckets, int maximumDistance)
    {
        int exact = buckets / 2;
        if (distance < exact)
        {
            return distance;
        }

        double share = Math.Log((double)distance / exact) / Math.Log((double)maximumDistance / exact);
        return Math.Min(buckets - 1, exact + (int)(share * (buckets - exact)));
    }

    /// <inheritdoc/>
    protected override Variable Table(Tape tape, int distances)
    {
        ArgumentNullException.ThrowIfNull(tape);
        int buckets = _table.Shape[1];
        return tape.MatMul(_table, tape.ConstantTable(distances, buckets, (distance, bucket) => Bucket(distance, buckets, _maximumDistance) == bucket ? 1 : 0));
    }
}
