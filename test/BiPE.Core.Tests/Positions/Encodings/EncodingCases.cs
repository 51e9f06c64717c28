using BiPE.Core.Model;
using BiPE.Core.Positions;
using BiPE.Core.Tests.Model;

namespace BiPE.Core.Tests.Positions.Encodings;

/// <summary>Names and configurations that the tests of every encoding run over.</summary>
internal static class EncodingCases
{
    /// <summary>Options small enough that short rows reach every branch of a formula.</summary>
    private static readonly Dictionary<string, Dictionary<string, double>> Options = new(StringComparer.Ordinal)
    {
        ["t5"] = new() { ["buckets"] = 6, ["max_distance"] = 7 },
        ["fire"] = new() { ["width"] = 5, ["initial_threshold"] = 4.3, ["initial_c"] = 0.7 },
        ["sandwich"] = new() { ["dimension"] = 10 },
        ["xpos"] = new() { ["scale_base"] = 6 },
        ["cope"] = new() { ["rows"] = 5 },
        ["randomized_rope"] = new() { ["positions"] = 40 },
        ["randomized_alibi"] = new() { ["positions"] = 40 },
    };

    /// <summary>Encodings of the attention, by name.</summary>
    public static IEnumerable<string> Attention => PositionEncodingRegistry.Attention.Select(kind => kind.Name);

    /// <summary>Encodings of the embedding, by name.</summary>
    public static IEnumerable<string> Embeddings => PositionEncodingRegistry.Embeddings.Select(kind => kind.Name);

    /// <summary>Every encoding of the attention alone and over segments, and every embedding alone and inside segments.</summary>
    public static IEnumerable<string> Names =>
    [
        .. Attention, .. Attention.Select(name => $"bipe_{name}"), .. Embeddings.Except(["none"]),
        .. Embeddings.Where(name => name != "learned").Select(name => $"bipe_rope+{name}"),
    ];

    /// <summary>A tiny model's configuration with the options above.</summary>
    public static ModelConfig Config(string name)
    {
        string kind = PositionEncodingRegistry.Parse(name, "test")!.Attention.Name;
        return TinyModels.Config(name) with { AttentionOptions = OptionsOf(kind), TrainScale = 16 };
    }

    /// <summary>Options of an encoding of the attention.</summary>
    public static Dictionary<string, double>? OptionsOf(string kind) => Options.GetValueOrDefault(kind);
}
