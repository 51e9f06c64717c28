using System.Text.Json;
using BiPE.Core.Positions;

namespace BiPE.Core.Model;

/// <summary>
/// Reads a Hugging Face <c>config.json</c> of a LLaMA model, in the form of the BiPE reference (<c>rpe_type</c>,
/// <c>log_scale</c>, <c>train_scale</c>) or of a plain <c>LlamaForCausalLM</c>, which is <c>rope</c>.
/// </summary>
/// <remarks>
/// Absent keys take the defaults of the reference's configuration class; a plain configuration, which has no
/// <c>train_scale</c>, takes its <c>max_position_embeddings</c> for it. Keys that do not concern the model are passed over; keys
/// that would change its results in a way that is not supported are refused. The reference ignores <c>rope_theta</c> and always
/// computes with 10000; here it counts.
/// </remarks>
public static class ModelConfigReader
{
    /// <summary>Name of the configuration in a model's folder.</summary>
    public const string FileName = "config.json";

    private const long MaximumFileLength = 16 << 20;
    private const int ReferenceTrainScale = 256;

    /// <summary>Reads and checks a configuration.</summary>
    /// <param name="path">The file, or a folder that holds it as <see cref="FileName"/>.</param>
    /// <exception cref="BipeException">
    /// The file is missing or not valid JSON, a key is missing, has the wrong type or an unknown value, or asks for something
    /// that is not supported.
    /// </exception>
    public static ModelConfig Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string file = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
        try
        {
            using var document = JsonDocument.Parse(Load(file), new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new BipeException($"'{file}' holds {document.RootElement.ValueKind} at its top, expected a JSON object.");
            }

            return Convert(new ConfigSection($"'{file}'", "", document.RootElement));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new BipeException($"'{file}' is not valid JSON ({e.Message.TrimEnd('.')}); correct it or get it again.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot read the model configuration '{file}': {e.Message}", e);
        }
    }

    private static ReadOnlyMemory<byte> Load(string file)
    {
        var info = new FileInfo(file);
        if (info.Exists && info.Length > MaximumFileLength)
        {
            throw new BipeException($"'{file}' has {info.Length} bytes, expected a model configuration of a few kilobytes.");
        }

        byte[] bytes = File.ReadAllBytes(file);
        GitLfsPointer.Refuse(file, bytes);
        bool hasByteOrderMark = bytes.AsSpan().StartsWith("\uFEFF"u8);
        return bytes.AsMemory(hasByteOrderMark ? 3 : 0);
    }

    private static ModelConfig Convert(ConfigSection section)
    {
        RefuseUnsupported(section);
        string encoding = section.Text("rpe_type") ?? "rope";
        _ = PositionEncodingRegistry.Parse(encoding, section.Source);
        int heads = section.RequiredInteger("num_attention_heads");
        int positions = section.Integer("max_position_embeddings") ?? 2048;
        var scaling = RotaryScalingReader.Read(section, positions);
        ConfigSection? position = PositionSectionReader.Find(section);
        var config = new ModelConfig
        {
            VocabularySize = section.RequiredInteger("vocab_size"),
            HiddenSize = section.RequiredInteger("hidden_size"),
            IntermediateSize = section.RequiredInteger("intermediate_size"),
            LayerCount = section.RequiredInteger("num_hidden_layers"),
            HeadCount = heads,
            KeyValueHeadCount = section.Integer("num_key_value_heads") ?? heads,
            MaximumPositions = positions,
            RmsNormEpsilon = section.Number("rms_norm_eps") ?? 1e-6,
            InitializerRange = section.Number("initializer_range") ?? 0.02,
            TieWordEmbeddings = section.Truth("tie_word_embeddings") ?? false,
            AttentionBias = section.Truth("attention_bias") ?? false,
            MlpBias = section.Truth("mlp_bias") ?? false,
            PadTokenId = section.Integer("pad_token_id"),
            BeginOfSentence = TokenId(section, "bos_token_id", 1),
            EndOfSentence = TokenId(section, "eos_token_id", 2),
            PositionEncoding = encoding,
            LogScale = section.Truth("log_scale") ?? false,
            TrainScale = section.Integer("train_scale") ?? (section.Has("rpe_type") ? ReferenceTrainScale : positions),
            RotaryBase = section.Section("rope_parameters")?.Number("rope_theta") ?? section.Number("rope_theta") ?? 10000,
            RotaryScaling = scaling,
            PartialRotaryFactor = section.Section("rope_parameters")?.Number("partial_rotary_factor") ?? section.Number("partial_rotary_factor") ?? 1,
            Segmenter = PositionSectionReader.Segmenter(position),
            NamedSegmenters = PositionSectionReader.NamedSegmenters(position),
            AttentionOptions = PositionSectionReader.Options(position, "attention"),
            EmbeddingOptions = PositionSectionReader.Options(position, "embedding"),
        };
        config.Validate(section.Source);
        CheckAgainstOthers(section, config);
        return config;
    }

    /// <summary>Null in the file means that there is no such token; an absent key means the default.</summary>
    private static int? TokenId(ConfigSection section, string key, int whenAbsent) =>
        section.Keys.Contains(key) ? section.FirstInteger(key) : whenAbsent;

    private static void RefuseUnsupported(ConfigSection section)
    {
        Only("model_type", section.Text("model_type"), "llama");
        Only("hidden_act", section.Text("hidden_act"), "silu");
        if (section.Has("quantization_config"))
        {
            throw section.Wrong("quantization_config", "none, as quantized models are not supported; use the original one");
        }

        void Only(string key, string? value, string supported)
        {
            if (value is not null && value != supported)
            {
                throw section.Wrong(key, $"\"{supported}\", the only one supported");
            }
        }
    }

    private static void CheckAgainstOthers(ConfigSection section, ModelConfig config)
    {
        if (section.Integer("head_dim") is { } size && size != config.HeadDimension)
        {
            throw section.Wrong("head_dim", $"hidden_size / num_attention_heads = {config.HeadDimension}, as other sizes are not supported");
        }

        if (config.RotaryScaling is not null && !config.HasRotaryEncoding)
        {
            throw new BipeException(
                $"{section.Source}: rope_scaling is set, but rpe_type {config.PositionEncoding} has no rotary encoding to scale; remove one.");
        }
    }
}
