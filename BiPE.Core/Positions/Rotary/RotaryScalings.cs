using BiPE.Core.Model;

namespace BiPE.Core.Positions.Rotary;

/// <summary>Scalings of rotary frequencies by the name that a configuration has for them.</summary>
public static class RotaryScalings
{
    /// <summary>Positions divided by the factor: <see cref="LinearScaling"/>.</summary>
    public const string Linear = "linear";

    /// <summary>A base that grows with the text: <see cref="DynamicNtkScaling"/>.</summary>
    public const string Dynamic = "dynamic";

    /// <summary><see cref="YarnScaling"/>.</summary>
    public const string Yarn = "yarn";

    /// <summary>LLaMA 3.1's: <see cref="NtkByPartsScaling"/> with the bounds low_freq_factor and high_freq_factor.</summary>
    public const string Llama3 = "llama3";

    /// <summary><see cref="NtkByPartsScaling"/>, this library's own name.</summary>
    public const string NtkByParts = "ntk-by-parts";

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> Names { get; } = [Linear, Dynamic, Yarn, Llama3, NtkByParts];

    /// <summary>Makes what a configuration asks for.</summary>
    /// <param name="config">The configuration's section, or null for plain frequencies.</param>
    /// <param name="maximumPositions">The model's <c>max_position_embeddings</c>: the original length where the section has none.</param>
    /// <exception cref="BipeException">The section has a fault.</exception>
    public static IRotaryScaling Create(RotaryScalingConfig? config, int maximumPositions)
    {
        if (config is null)
        {
            return new NoScaling();
        }

        config.Validate("rope_scaling");
        int original = config.OriginalMaximumPositions ?? maximumPositions;
        double slow = config.BetaSlow ?? YarnScaling.DefaultBetaSlow;
        double fast = config.BetaFast ?? YarnScaling.DefaultBetaFast;
        return config.Type switch
        {
            Linear => new LinearScaling(config.Factor),
            Dynamic => new DynamicNtkScaling(config.Factor),
            Yarn => new YarnScaling(config.Factor, original)
            {
                BetaSlow = slow, BetaFast = fast, Truncates = config.Truncates ?? true, Amplitude = YarnAmplitude(config),
            },
            Llama3 => new NtkByPartsScaling(config.Factor, original, config.LowFrequencyFactor!.Value, config.HighFrequencyFactor!.Value),
            _ => new NtkByPartsScaling(config.Factor, original, slow, fast) { Amplitude = config.AttentionFactor ?? 1 },
        };
    }

    /// <summary>As Hugging Face's: attention_factor, else the quotient of the two mscale amplitudes, else the recommended one.</summary>
    private static double YarnAmplitude(RotaryScalingConfig config) => config switch
    {
        { AttentionFactor: { } given } => given,
        { Mscale: { } scale, MscaleAllDimensions: { } all } =>
            YarnScaling.AmplitudeOf(config.Factor, scale) / YarnScaling.AmplitudeOf(config.Factor, all),
        _ => YarnScaling.AmplitudeOf(config.Factor),
    };
}
