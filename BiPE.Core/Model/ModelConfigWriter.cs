using System.Globalization;
using System.Text;
using System.Text.Json;
using BiPE.Core.Checkpoints;
using BiPE.Core.Positions.Rotary;
using BiPE.Core.Positions.Segments;

namespace BiPE.Core.Model;

/// <summary>
/// Writes a model's <c>config.json</c> as the BiPE reference's configuration class reads it, with the keys of its own files;
/// beside them <c>rope_theta</c>, and <c>position</c> where the model names its segmenter or options of its encodings.
/// </summary>
public static class ModelConfigWriter
{
    private static readonly string[] TorchTypes = ["float32", "float16", "bfloat16"];

    /// <summary>Writes <see cref="ModelConfigReader.FileName"/> atomically.</summary>
    /// <param name="folder">The model's folder; created if missing.</param>
    /// <param name="config">The configuration; checked before anything is written.</param>
    /// <param name="torchDtype">Element type of the weights beside it: <c>float32</c>, <c>float16</c> or <c>bfloat16</c>.</param>
    /// <exception cref="BipeException">The configuration has a fault, or the file cannot be written.</exception>
    /// <exception cref="ArgumentException"><paramref name="torchDtype"/> is another.</exception>
    public static void Write(string folder, ModelConfig config, string torchDtype = "float32")
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(config);
        if (!TorchTypes.Contains(torchDtype))
        {
            throw new ArgumentException($"torch_dtype '{torchDtype}' is none of {string.Join(", ", TorchTypes)}.", nameof(torchDtype));
        }

        string path = Path.Combine(folder, ModelConfigReader.FileName);
        config.Validate(path);
        AtomicFile.WriteText(path, ToJson(config, torchDtype));
    }

    private static string ToJson(ModelConfig config, string torchDtype)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteStartArray("architectures");
            json.WriteStringValue("MyLlamaForCausalLM");
            json.WriteEndArray();
            WriteIfTrue(json, "attention_bias", config.AttentionBias);
            WriteIfTrue(json, "mlp_bias", config.MlpBias);
            WriteOptional(json, "bos_token_id", config.BeginOfSentence);
            WriteOptional(json, "eos_token_id", config.EndOfSentence);
            json.WriteString("hidden_act", "silu");
            json.WriteNumber("hidden_size", config.HiddenSize);
            WriteDouble(json, "initializer_range", config.InitializerRange);
            json.WriteNumber("intermediate_size", config.IntermediateSize);
            json.WriteNumber("max_position_embeddings", config.MaximumPositions);
            json.WriteString("model_type", "llama");
            json.WriteNumber("num_attention_heads", config.HeadCount);
            json.WriteNumber("num_hidden_layers", config.LayerCount);
            json.WriteNumber("num_key_value_heads", config.KeyValueHeadCount);
            WriteOptional(json, "pad_token_id", config.PadTokenId);
            json.WriteNumber("pretraining_tp", 1);
            WriteDouble(json, "rms_norm_eps", config.RmsNormEpsilon);
            WriteScaling(json, config.RotaryScaling);
            WriteDouble(json, "rope_theta", config.RotaryBase);
            if (config.PartialRotaryFactor != 1)
            {
                WriteDouble(json, "partial_rotary_factor", config.PartialRotaryFactor);
            }

            json.WriteBoolean("tie_word_embeddings", config.TieWordEmbeddings);
            json.WriteString("torch_dtype", torchDtype);
            json.WriteBoolean("use_cache", true);
            json.WriteNumber("vocab_size", config.VocabularySize);
            json.WriteString("rpe_type", config.PositionEncoding);
            json.WriteBoolean("log_scale", config.LogScale);
            json.WriteNumber("train_scale", config.TrainScale);
            WritePosition(json, config);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length) + "\n";
    }

    /// <summary>
    /// Methods that the reference knows in its spelling, which has two keys and no more; the others in Hugging Face's.
    /// </summary>
    private static void WriteScaling(Utf8JsonWriter json, RotaryScalingConfig? scaling)
    {
        if (scaling is null)
        {
            json.WriteNull("rope_scaling");
            return;
        }

        json.WriteStartObject("rope_scaling");
        bool isReferences = scaling.Type is RotaryScalings.Linear or RotaryScalings.Dynamic;
        json.WriteString(isReferences ? "type" : "rope_type", scaling.Type);
        WriteDouble(json, "factor", scaling.Factor);
        foreach (RotaryScalingKey key in RotaryScalingKey.All)
        {
            switch (key.Get(scaling))
            {
                case double number:
                    WriteDouble(json, key.Name, number);
                    break;
                case int number:
                    json.WriteNumber(key.Name, number);
                    break;
                case bool truth:
                    json.WriteBoolean(key.Name, truth);
                    break;
            }
        }

        json.WriteEndObject();
    }

    private static void WritePosition(Utf8JsonWriter json, ModelConfig config)
    {
        if (config is { Segmenter: null, NamedSegmenters: null, AttentionOptions: null, EmbeddingOptions: null })
        {
            return;
        }

        json.WriteStartObject("position");
        if (config.Segmenter is { } segmenter)
        {
            WriteSegmenter(json, "segmenter", segmenter);
        }

        if (config.NamedSegmenters is { } named)
        {
            json.WriteStartObject("segmenters");
            foreach ((string name, SegmenterConfig of) in named)
            {
                WriteSegmenter(json, name, of);
            }

            json.WriteEndObject();
        }

        WriteOptions(json, "attention", config.AttentionOptions);
        WriteOptions(json, "embedding", config.EmbeddingOptions);
        json.WriteEndObject();
    }

    private static void WriteOptions(Utf8JsonWriter json, string key, IReadOnlyDictionary<string, double>? options)
    {
        if (options is null)
        {
            return;
        }

        json.WriteStartObject(key);
        foreach ((string name, double value) in options)
        {
            json.WriteNumber(name, value);
        }

        json.WriteEndObject();
    }

    private static void WriteSegmenter(Utf8JsonWriter json, string key, SegmenterConfig segmenter)
    {
        json.WriteStartObject(key);
        json.WriteString("type", segmenter.Type);
        if (segmenter.Type == Segmenters.FixedLength)
        {
            json.WriteNumber("length", segmenter.Length);
        }

        if (segmenter.Tokens is { } tokens)
        {
            json.WriteStartArray("tokens");
            foreach (int token in tokens)
            {
                json.WriteNumberValue(token);
            }

            json.WriteEndArray();
        }

        if (segmenter.Texts is { } texts)
        {
            json.WriteStartArray("texts");
            foreach (string text in texts)
            {
                json.WriteStringValue(text);
            }

            json.WriteEndArray();
        }

        if (segmenter.Set is { } set)
        {
            json.WriteString("set", set);
        }

        json.WriteEndObject();
    }

    /// <summary>The reference has no biases and its files no such keys.</summary>
    private static void WriteIfTrue(Utf8JsonWriter json, string key, bool value)
    {
        if (value)
        {
            json.WriteBoolean(key, true);
        }
    }

    private static void WriteOptional(Utf8JsonWriter json, string key, int? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(key, number);
        }
        else
        {
            json.WriteNull(key);
        }
    }

    /// <summary>Always with a point or an exponent: the reference insists that a scaling factor is no integer.</summary>
    private static void WriteDouble(Utf8JsonWriter json, string key, double value)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        json.WritePropertyName(key);
        json.WriteRawValue(text.Contains('.') || text.Contains('E') ? text : text + ".0");
    }
}
