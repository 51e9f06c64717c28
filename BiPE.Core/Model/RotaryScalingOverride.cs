using System.Globalization;
using System.Text.Json.Serialization;
using BiPE.Core.Positions.Rotary;

namespace BiPE.Core.Model;

/// <summary>
/// A rotary scaling that takes the place of the one that a model's configuration has, to evaluate the model at other lengths or to
/// fine-tune it for them.
/// </summary>
/// <param name="Method"><see cref="None"/> or one of <see cref="RotaryScalings.Names"/>.</param>
/// <param name="Factor">How many times longer the context becomes, above 1; null with <see cref="None"/>.</param>
public sealed record RotaryScalingOverride(string Method, double? Factor = null)
{
    /// <summary>Plain frequencies, also where the configuration has a scaling.</summary>
    public const string None = "none";

    /// <summary>Turns below which llama3 interpolates a pair whole, where the configuration does not say: that of LLaMA 3.1.</summary>
    public const double Llama3LowFrequencyFactor = 1;

    /// <summary>Turns above which llama3 keeps a pair, where the configuration does not say: that of LLaMA 3.1.</summary>
    public const double Llama3HighFrequencyFactor = 4;

    /// <summary>All methods.</summary>
    public static IReadOnlyList<string> Methods { get; } = [None, .. RotaryScalings.Names];

    /// <summary>
    /// Length that the model was trained for, in what its rotary encoding counts: tokens, or segments in a bilevel model. Null for
    /// the configuration's <c>original_max_position_embeddings</c>, else its <c>max_position_embeddings</c>. Dynamic scaling counts
    /// tokens in either case.
    /// </summary>
    public int? OriginalLength { get; init; }

    /// <summary>Factor of cosines and sines, for yarn and ntk-by-parts; null for the method's own.</summary>
    public double? AttentionFactor { get; init; }

    /// <summary>In a few words, to tell results of one model apart: "none", "yarn 16", "dynamic 4 of 512".</summary>
    [JsonIgnore]
    public string Label
    {
        get
        {
            string original = OriginalLength is { } length ? $" of {length}" : "";
            string amplitude = AttentionFactor is { } factor ? $" amplitude {factor.ToString(CultureInfo.InvariantCulture)}" : "";
            return $"{Method} {Factor?.ToString(CultureInfo.InvariantCulture)}{original}{amplitude}".TrimEnd();
        }
    }

    /// <summary>A model's configuration with this scaling, as its config.json would say it.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="source">What to name in messages, for instance the model's folder.</param>
    /// <returns>
    /// The same architecture. Where the method states its original length, <c>max_position_embeddings</c> is the stretched length, as
    /// Hugging Face expects; dynamic scaling starts beyond <c>max_position_embeddings</c>, which is the original length then.
    /// </returns>
    /// <exception cref="BipeException">The method is not known, a number is missing or not the method's, or the model rotates nothing.</exception>
    public ModelConfig ApplyTo(ModelConfig config, string source)
    {
        ArgumentNullException.ThrowIfNull(config);
        Validate();
        if (!config.HasRotaryEncoding)
        {
            throw new BipeException(
                $"{source}: rpe_type {config.PositionEncoding} has no rotary encoding that {Method} could scale; leave --rope-scaling out, or take a model with rope.");
        }

        if (Method == None)
        {
            return config with { RotaryScaling = null };
        }

        int original = OriginalLength ?? config.RotaryScaling?.OriginalMaximumPositions ?? config.MaximumPositions;
        bool statesOriginal = Method is not (RotaryScalings.Linear or RotaryScalings.Dynamic);
        var scaling = new RotaryScalingConfig(Method, Factor!.Value)
        {
            OriginalMaximumPositions = statesOriginal ? original : null,
            AttentionFactor = AttentionFactor,
            LowFrequencyFactor = Method == RotaryScalings.Llama3 ? config.RotaryScaling?.LowFrequencyFactor ?? Llama3LowFrequencyFactor : null,
            HighFrequencyFactor = Method == RotaryScalings.Llama3 ? config.RotaryScaling?.HighFrequencyFactor ?? Llama3HighFrequencyFactor : null,
        };
        scaling.Validate("--rope-scaling");
        int stretched = (int)Math.Min(Math.Ceiling(original * Factor.Value), int.MaxValue);
        return config with
        {
            RotaryScaling = scaling,
            MaximumPositions = statesOriginal ? stretched : Method == RotaryScalings.Dynamic ? original : config.MaximumPositions,
        };
    }

    private void Validate()
    {
        if (!Methods.Contains(Method))
        {
            throw new BipeException($"--rope-scaling is '{Method}', which is not known; {NearestName.Suggest(Method, Methods)}");
        }

        if (Method != None && Factor is not > 1)
        {
            string found = Factor is { } factor ? $"is {factor.ToString(CultureInfo.InvariantCulture)}" : "is missing";
            throw new BipeException($"--rope-factor {found}, but --rope-scaling {Method} needs a number above 1: how many times longer the context becomes.");
        }

        if (OriginalLength is <= 0)
        {
            throw new BipeException($"--rope-original is {OriginalLength}, expected a positive number.");
        }

        Refuse("--rope-factor", Factor is not null && Method == None);
        Refuse("--rope-original", OriginalLength is not null && Method is (None or RotaryScalings.Linear));
        Refuse("--rope-attention-factor", AttentionFactor is not null && Method is not (RotaryScalings.Yarn or RotaryScalings.NtkByParts));

        void Refuse(string option, bool isGiven)
        {
            if (isGiven)
            {
                throw new BipeException($"{option} is given, but --rope-scaling {Method} has no such number; leave it out.");
            }
        }
    }
}
