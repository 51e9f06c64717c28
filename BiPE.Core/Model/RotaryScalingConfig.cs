using BiPE.Core.Positions.Rotary;

namespace BiPE.Core.Model;

/// <summary>
/// The <c>rope_scaling</c> section of a configuration. Numbers that are null take the method's own default; those that the method
/// does not know must be null.
/// </summary>
/// <param name="Type">Name of the method, one of <see cref="RotaryScalings.Names"/>.</param>
/// <param name="Factor">How many times longer the context becomes, above 1.</param>
public sealed record RotaryScalingConfig(string Type, double Factor)
{
    /// <summary>
    /// Length the model was trained for before it was stretched (<c>original_max_position_embeddings</c>), needed by llama3; null
    /// for <c>max_position_embeddings</c>.
    /// </summary>
    public int? OriginalMaximumPositions { get; init; }

    /// <summary>Factor of cosines and sines (<c>attention_factor</c>), for yarn and ntk-by-parts.</summary>
    public double? AttentionFactor { get; init; }

    /// <summary>Turns within the original length above which a pair stays as it is (<c>beta_fast</c>), for yarn and ntk-by-parts.</summary>
    public double? BetaFast { get; init; }

    /// <summary>Turns within the original length below which a pair is interpolated whole (<c>beta_slow</c>), for yarn and ntk-by-parts.</summary>
    public double? BetaSlow { get; init; }

    /// <summary>Scale of yarn's amplitude (<c>mscale</c>); it counts together with <see cref="MscaleAllDimensions"/>.</summary>
    public double? Mscale { get; init; }

    /// <summary>Scale of the amplitude that yarn's is divided by (<c>mscale_all_dim</c>).</summary>
    public double? MscaleAllDimensions { get; init; }

    /// <summary>Whether yarn's ramp begins and ends at whole indices (<c>truncate</c>).</summary>
    public bool? Truncates { get; init; }

    /// <summary>Turns within the original length below which a pair is interpolated whole (<c>low_freq_factor</c>), for llama3.</summary>
    public double? LowFrequencyFactor { get; init; }

    /// <summary>Turns within the original length above which a pair stays as it is (<c>high_freq_factor</c>), for llama3.</summary>
    public double? HighFrequencyFactor { get; init; }

    /// <summary>Checks every number and that the method knows it.</summary>
    /// <param name="source">What to name in the message, for instance the file and section.</param>
    /// <exception cref="BipeException">A number is out of range, missing, or not the method's.</exception>
    public void Validate(string source)
    {
        if (!RotaryScalings.Names.Contains(Type))
        {
            throw new BipeException($"{source} has the unknown type '{Type}'; {NearestName.Suggest(Type, RotaryScalings.Names)}");
        }

        if (!(Factor > 1 && double.IsFinite(Factor)))
        {
            throw new BipeException($"{source}: factor is {Factor}, expected a number above 1.");
        }

        foreach (RotaryScalingKey key in RotaryScalingKey.All)
        {
            object? value = key.Get(this);
            if (value is not null && !key.Methods.Contains(Type))
            {
                throw new BipeException($"{source}: {key.Name} is set, but {Type} has no such number; it belongs to {string.Join(", ", key.Methods)}.");
            }

            if (value is null && key.IsRequired && key.Methods.Contains(Type))
            {
                throw new BipeException($"{source}: the key '{key.Name}' is missing, which {Type} needs.");
            }

            if (value is int and <= 0 || (value is double number && !(number > 0 && double.IsFinite(number))))
            {
                throw new BipeException($"{source}: {key.Name} is {value}, expected a positive number.");
            }
        }

        RequireOrder("beta_slow", BetaSlow ?? YarnScaling.DefaultBetaSlow, "beta_fast", BetaFast ?? YarnScaling.DefaultBetaFast);
        RequireOrder("low_freq_factor", LowFrequencyFactor ?? 0, "high_freq_factor", HighFrequencyFactor ?? double.MaxValue);

        void RequireOrder(string lowName, double low, string highName, double high)
        {
            if (low >= high)
            {
                throw new BipeException($"{source}: {lowName} is {low}, expected a number below {highName} = {high}.");
            }
        }
    }
}
