using BiPE.Core;
using BiPE.Core.Model;

namespace BiPE.Cli.Benchmark;

/// <summary>Models that benchmarks know by name.</summary>
internal static class BenchModels
{
    /// <summary>Their names.</summary>
    public static readonly IReadOnlyList<string> Names = ["base", "tiny", "bytes"];

    /// <summary>A model by its name, with the encoding bipe_rope.</summary>
    /// <param name="name">One of <see cref="Names"/>: the reference's 151M model, the small one of config/, or that one over bytes.</param>
    public static ModelConfig Named(string name) => name switch
    {
        "base" => Of(768, 3072, 12, 12, 32000, 1024),
        "tiny" => Of(256, 1024, 4, 4, 32000, 256),
        "bytes" => Of(256, 1024, 4, 4, 264, 256) with { Segmenter = new SegmenterConfig { Tokens = ['\n', '.'] } },
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such model."),
    };

    /// <summary>The model of a configuration file, or of a name if there is no such file.</summary>
    /// <param name="configuration">What the user gave.</param>
    /// <param name="encoding">Position encoding to take instead of the configuration's, or null.</param>
    /// <exception cref="BipeException">There is neither, or the configuration is not valid.</exception>
    public static ModelConfig Read(string configuration, string? encoding)
    {
        ModelConfig config = Names.Contains(configuration) && !File.Exists(configuration) ? Named(configuration) : ModelConfigReader.Read(configuration);
        config = config with { PositionEncoding = encoding ?? config.PositionEncoding };
        config.Validate(configuration);
        return config;
    }

    private static ModelConfig Of(int hidden, int intermediate, int layers, int heads, int vocabulary, int trainLength) => new()
    {
        VocabularySize = vocabulary,
        HiddenSize = hidden,
        IntermediateSize = intermediate,
        LayerCount = layers,
        HeadCount = heads,
        KeyValueHeadCount = heads,
        MaximumPositions = trainLength,
        TrainScale = trainLength,
        RmsNormEpsilon = 1e-5,
        PadTokenId = -1,
        PositionEncoding = "bipe_rope",
    };
}
