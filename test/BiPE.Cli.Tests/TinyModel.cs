using BiPE.Core.Autograd;
using BiPE.Core.Checkpoints;
using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Tokenization;
using BiPE.Testing;

namespace BiPE.Cli.Tests;

/// <summary>Folders of models of bytes that are random and small.</summary>
internal static class TinyModel
{
    /// <summary>Saves a model with its tokenizer.</summary>
    /// <param name="folder">The folder to make.</param>
    /// <param name="encoding">Its position encoding.</param>
    /// <param name="hasTokenizer">Whether the folder gets the tokenizer of bytes.</param>
    /// <returns>The folder.</returns>
    public static string Save(string folder, string encoding = "bipe_rope", bool hasTokenizer = true)
    {
        var tokenizer = new ByteTokenizer();
        var config = new ModelConfig
        {
            VocabularySize = tokenizer.VocabularySize,
            HiddenSize = 16,
            IntermediateSize = 24,
            LayerCount = 2,
            HeadCount = 4,
            KeyValueHeadCount = 2,
            PositionEncoding = encoding,
            TrainScale = 32,
            Segmenter = new SegmenterConfig { Tokens = ['\n', '.'] },
        };
        using var backend = new ReferenceBackend();
        using var model = new LanguageModel(backend, config);
        var random = new Random(7);
        foreach (Parameter parameter in model.Parameters)
        {
            var values = new double[parameter.Value.Count];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = (parameter.Role == ParameterRole.Norm ? 1 : 0) + (0.4 * (random.NextDouble() - 0.5));
            }

            backend.WriteDoubles(parameter.Value, values);
        }

        HuggingFaceFolder.Save(model, folder, hasTokenizer ? tokenizer : null);
        return folder;
    }
}
