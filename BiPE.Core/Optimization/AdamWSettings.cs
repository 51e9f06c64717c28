namespace BiPE.Core.Optimization;

/// <summary>Settings of AdamW that stay the same in a run; the defaults are the reference's train.sh.</summary>
public sealed record AdamWSettings
{
    /// <summary>Decay of the first moment, in [0, 1).</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the second moment, in [0, 1).</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of the second moment.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled weight decay, not negative.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Largest norm of all gradients together; 0 for no clipping.</summary>
    public double MaximumGradientNorm { get; init; } = 1.0;

    /// <summary>Whether norms and embeddings decay too, as in the reference; most training today leaves them out.</summary>
    public bool DecaysNormsAndEmbeddings { get; init; } = true;

    /// <summary>Checks every value.</summary>
    /// <exception cref="BipeException">A value is out of range.</exception>
    public void Validate()
    {
        Require(Beta1 is >= 0 and < 1, "beta1", Beta1, "a number in [0, 1)");
        Require(Beta2 is >= 0 and < 1, "beta2", Beta2, "a number in [0, 1)");
        Require(Epsilon > 0 && double.IsFinite(Epsilon), "epsilon", Epsilon, "a positive number");
        Require(WeightDecay >= 0 && double.IsFinite(WeightDecay), "weight decay", WeightDecay, "a number that is not negative");
        Require(MaximumGradientNorm >= 0 && double.IsFinite(MaximumGradientNorm), "max gradient norm", MaximumGradientNorm, "a number that is not negative (0 for no clipping)");

        static void Require(bool holds, string name, double value, string wanted)
        {
            if (!holds)
            {
                throw new BipeException($"AdamW's {name} is {value}, expected {wanted}.");
            }
        }
    }
}
