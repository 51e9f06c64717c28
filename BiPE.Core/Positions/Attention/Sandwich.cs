using BiPE.Core.Autograd;

namespace BiPE.Core.Positions.Attention;

/// <summary>
/// The product of two sinusoidal embeddings as a fixed bias (Sandwich: Chi et al. 2023, arXiv 2212.10356):
/// bias[h, d] = sum over i = 0 .. D/2 - 1 of cos(d / 10000^(2 i / D)), divided by the compression ratio 8 (h + 1) / heads.
/// </summary>
public sealed class Sandwich : DistanceBias
{
    private readonly int _dimension;
    private readonly int _heads;

    private Sandwich(EncodingContext context)
        : base(context.Over)
    {
        _dimension = context.Integer("dimension");
        _heads = context.Config.HeadCount;
    }

    /// <summary>Its description.</summary>
    public static AttentionEncodingKind Kind { get; } = new(
        "sandwich", "products of sinusoidal embeddings as a fixed bias", "Chi et al. 2023, arXiv 2212.10356", context => new Sandwich(context))
    {
        Options = [new EncodingOption("dimension", 128, 2, 1 << 16, "size of the sinusoidal embeddings, twice the number of waves") { IsInteger = true }],
    };

    /// <inheritdoc/>
    protected override Variable Table(Tape tape, int distances)
    {
        ArgumentNullException.ThrowIfNull(tape);
        var products = new double[distances];
        for (int i = 0; i < _dimension / 2; i++)
        {
            double frequency = Math.Pow(10000, -2.0 * i / _dimension);
            for (int distance = 0; distance < distances; distance++)
            {
                products[distance] += Math.Cos(distance * frequency);
            }
        }

        return tape.ConstantTable(_heads, distances, (head, distance) => products[distance] / (8.0 * (head + 1) / _heads));
    }
}
