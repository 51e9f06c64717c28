using BiPE.Core.Positions.Rotary;

namespace BiPE.Core.Model;

/// <summary>A key of a <c>rope_scaling</c> section beside type and factor.</summary>
/// <param name="Name">The key.</param>
/// <param name="Methods">Methods that have it.</param>
/// <param name="Get">Its value, an integer, a number, a truth value or null.</param>
/// <param name="Read">Takes it over from a section.</param>
internal sealed record RotaryScalingKey(
    string Name, string[] Methods, Func<RotaryScalingConfig, object?> Get, Func<RotaryScalingConfig, ConfigSection, string, RotaryScalingConfig> Read)
{
    private static readonly string[] Parts = [RotaryScalings.Yarn, RotaryScalings.NtkByParts];
    private static readonly string[] Yarn = [RotaryScalings.Yarn];
    private static readonly string[] Llama3 = [RotaryScalings.Llama3];

    /// <summary>All of them, in the order of writing.</summary>
    public static IReadOnlyList<RotaryScalingKey> All { get; } =
    [
        new("original_max_position_embeddings", [.. Parts, .. Llama3], config => config.OriginalMaximumPositions,
            (config, section, key) => config with { OriginalMaximumPositions = section.Integer(key) }),
        new("attention_factor", Parts, config => config.AttentionFactor,
            (config, section, key) => config with { AttentionFactor = section.Number(key) }),
        new("beta_fast", Parts, config => config.BetaFast, (config, section, key) => config with { BetaFast = section.Number(key) }),
        new("beta_slow", Parts, config => config.BetaSlow, (config, section, key) => config with { BetaSlow = section.Number(key) }),
        new("mscale", Yarn, config => config.Mscale, (config, section, key) => config with { Mscale = section.Number(key) }),
        new("mscale_all_dim", Yarn, config => config.MscaleAllDimensions,
            (config, section, key) => config with { MscaleAllDimensions = section.Number(key) }),
        new("truncate", Yarn, config => config.Truncates, (config, section, key) => config with { Truncates = section.Truth(key) }),
        new("low_freq_factor", Llama3, config => config.LowFrequencyFactor,
            (config, section, key) => config with { LowFrequencyFactor = section.Number(key) }) { IsRequired = true },
        new("high_freq_factor", Llama3, config => config.HighFrequencyFactor,
            (config, section, key) => config with { HighFrequencyFactor = section.Number(key) }) { IsRequired = true },
    ];

    /// <summary>Whether its methods cannot do without it.</summary>
    public bool IsRequired { get; init; }
}
