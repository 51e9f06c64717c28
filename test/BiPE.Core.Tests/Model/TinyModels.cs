using BiPE.Core.Autograd;
using BiPE.Core.Model;
using BiPE.Core.Tensors;

namespace BiPE.Core.Tests.Model;

/// <summary>Models small enough to differentiate by hand, with uneven sizes.</summary>
internal static class TinyModels
{
    public static readonly string[] Encodings = ["rope", "alibi", "bipe_rope", "bipe_alibi"];

    public static ModelConfig Config(string encoding, bool tied = false) => new()
    {
        VocabularySize = 23,
        HiddenSize = 24,
        IntermediateSize = 20,
        LayerCount = 2,
        HeadCount = 6,
        KeyValueHeadCount = 2,
        MaximumPositions = 16,
        PositionEncoding = encoding,
        TrainScale = 8,
        PadTokenId = -1,
        TieWordEmbeddings = tied,
        Segmenter = new SegmenterConfig { Tokens = [3, 5] },
    };

    /// <summary>With biases in every linear layer but the head.</summary>
    public static ModelConfig WithBiases(string encoding) => Config(encoding) with { AttentionBias = true, MlpBias = true };

    public static LanguageModel Create(ITensorBackend backend, ModelConfig config, int seed = 1)
    {
        var model = new LanguageModel(backend, config);
        var random = new Random(seed);
        foreach (Parameter parameter in model.Parameters)
        {
            var values = new double[parameter.Value.Count];
            double center = parameter.Role == ParameterRole.Norm ? 1 : 0;
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = center + (0.5 * ((2 * random.NextDouble()) - 1));
            }

            backend.WriteDoubles(parameter.Value, values);
        }

        return model;
    }

    /// <summary>Two rows with separators first, doubled and last, the padding token, and a segment longer than the table.</summary>
    public static TokenBatch Batch() => new([3, 7, 7, 5, 5, 9, 22, 1, 4, 2, 8, 3, 1, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22], 2);
}
