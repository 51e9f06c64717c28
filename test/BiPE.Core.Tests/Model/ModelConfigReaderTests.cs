using System.Text;
using System.Text.Json.Nodes;
using BiPE.Core.Model;
using BiPE.Testing;

namespace BiPE.Core.Tests.Model;

public sealed class ModelConfigReaderTests
{
    private const string Plain =
        """{"vocab_size":512,"hidden_size":64,"intermediate_size":172,"num_hidden_layers":5,"num_attention_heads":8}""";

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void A_plain_llama_configuration_takes_hugging_faces_defaults()
    {
        Assert.That(Read(Plain), Is.EqualTo(new ModelConfig
        {
            VocabularySize = 512, HiddenSize = 64, IntermediateSize = 172, LayerCount = 5, HeadCount = 8, KeyValueHeadCount = 8,
            MaximumPositions = 2048, RmsNormEpsilon = 1e-6, InitializerRange = 0.02, TieWordEmbeddings = false, PadTokenId = null,
            BeginOfSentence = 1, EndOfSentence = 2, PositionEncoding = "rope", LogScale = false, TrainScale = 2048, RotaryBase = 10000,
        }));
    }

    [Test]
    public void Every_key_is_read()
    {
        var config = Read("""
            {"vocab_size":512,"hidden_size":64,"intermediate_size":172,"num_hidden_layers":5,"num_attention_heads":8,"num_key_value_heads":2,
             "max_position_embeddings":128,"rms_norm_eps":1e-5,"initializer_range":0.2,"tie_word_embeddings":true,"pad_token_id":-1,
             "bos_token_id":null,"eos_token_id":[7,8],"rpe_type":"bipe_rope","log_scale":true,"train_scale":96,"rope_theta":500000,
             "rope_scaling":{"type":"dynamic","factor":2.5},"hidden_act":"silu","model_type":"llama","head_dim":8,"attention_bias":true,"mlp_bias":true,
             "position":{"segmenter":{"type":"separators","tokens":[13,29]}},"some_other_key":{"of":["any","kind"]}}
            """);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(config with { Segmenter = null }, Is.EqualTo(new ModelConfig
            {
                VocabularySize = 512, HiddenSize = 64, IntermediateSize = 172, LayerCount = 5, HeadCount = 8, KeyValueHeadCount = 2,
                MaximumPositions = 128, RmsNormEpsilon = 1e-5, InitializerRange = 0.2, TieWordEmbeddings = true, PadTokenId = -1,
                AttentionBias = true, MlpBias = true,
                BeginOfSentence = null, EndOfSentence = 7, PositionEncoding = "bipe_rope", LogScale = true, TrainScale = 96,
                RotaryBase = 500000, RotaryScaling = new RotaryScalingConfig("dynamic", 2.5),
            }));
            Assert.That(config.Segmenter!.Tokens, Is.EqualTo(new[] { 13, 29 }));
        }
    }

    [Test]
    public void Absent_train_scale_is_the_reference_classs_where_rpe_type_is_given() =>
        Assert.That(Read(With("rpe_type", "\"alibi\"")).TrainScale, Is.EqualTo(256));

    [TestCase("rope_scaling", """{"type":"linear","factor":2.0}""", "linear")]
    [TestCase("rope_scaling", """{"rope_type":"linear","factor":2}""", "linear")]
    [TestCase("rope_parameters", """{"rope_type":"dynamic","factor":2.0,"rope_theta":20000.0}""", "dynamic")]
    [TestCase("rope_parameters", """{"rope_type":"default","rope_theta":20000.0}""", null)]
    [TestCase("rope_parameters", """{"rope_theta":20000.0}""", null)]
    [TestCase("rope_scaling", "null", null)]
    public void Scaling_is_read_in_every_spelling(string key, string value, string? type)
    {
        var config = Read(With(key, value));
        Assert.That(config.RotaryScaling, Is.EqualTo(type is null ? null : new RotaryScalingConfig(type, 2)));
        Assert.That(config.RotaryBase, Is.EqualTo(value.Contains("20000") ? 20000 : 10000));
    }

    [TestCase("rope_scaling", """{"type":"yarn","factor":4.0,"original_max_position_embeddings":512}""")]
    [TestCase("rope_scaling", """{"rope_type":"yarn","factor":4,"original_max_position_embeddings":512,"low_freq_factor":"of another method"}""")]
    [TestCase("rope_parameters", """{"rope_type":"yarn","original_max_position_embeddings":512,"rope_theta":10000}""")]
    public void Yarn_is_read_in_every_spelling_its_factor_from_the_lengths_where_it_is_absent(string key, string value) =>
        Assert.That(Read(With(key, value)).RotaryScaling, Is.EqualTo(new RotaryScalingConfig("yarn", 4) { OriginalMaximumPositions = 512 }));

    [Test]
    public void Every_key_of_scaling_is_read() => Assert.That(
        Read(With("rope_scaling", """
            {"rope_type":"yarn","factor":4,"original_max_position_embeddings":512,"attention_factor":0.9,"beta_fast":16,"beta_slow":2.5,
             "mscale":0.7,"mscale_all_dim":1.1,"truncate":false}
            """)).RotaryScaling,
        Is.EqualTo(new RotaryScalingConfig("yarn", 4)
        {
            OriginalMaximumPositions = 512, AttentionFactor = 0.9, BetaFast = 16, BetaSlow = 2.5, Mscale = 0.7, MscaleAllDimensions = 1.1,
            Truncates = false,
        }));

    [TestCase("rope_scaling")]
    [TestCase("rope_parameters")]
    public void Llama3_is_read(string key) => Assert.That(
        Read(With(key, """{"rope_type":"llama3","factor":32.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":8192}"""))
            .RotaryScaling,
        Is.EqualTo(new RotaryScalingConfig("llama3", 32) { OriginalMaximumPositions = 8192, LowFrequencyFactor = 1, HighFrequencyFactor = 4 }));

    [TestCase("""{"type":"separators","texts":["\n","."]}""")]
    [TestCase("""{"type":"separators","set":"sentence"}""")]
    public void Segmenters_may_name_texts_or_a_set(string segmenter)
    {
        var config = Read(With("position", $$"""{"segmenter":{{segmenter}}}""")).Segmenter!;
        Assert.That(config.Texts ?? [config.Set!], Is.EqualTo(config.Set is null ? ["\n", "."] : new[] { "sentence" }));
        Assert.That(config.Tokens, Is.Null);
    }

    [TestCase("rpe_type", "\"bipe_rop\"", "'bipe_rop' is unknown; known are rope,")]
    [TestCase("rpe_type", "\"ALiBi\"", "did you mean alibi?")]
    [TestCase("rpe_type", "\"something else entirely\"", "is unknown; known are rope,")]
    [TestCase("rpe_type", "3", "'rpe_type' is 3, expected a string")]
    [TestCase("hidden_size", "\"64\"", "'hidden_size' is \"64\", expected a 32-bit integer")]
    [TestCase("hidden_size", "64.5", "'hidden_size' is 64.5")]
    [TestCase("hidden_size", "99999999999", "'hidden_size' is 99999999999")]
    [TestCase("hidden_size", "null", "'hidden_size' is missing")]
    [TestCase("hidden_size", "0", "hidden_size is 0, expected a positive integer")]
    [TestCase("hidden_size", "65", "num_attention_heads 8 does not divide hidden_size 65")]
    [TestCase("num_key_value_heads", "3", "num_key_value_heads 3 does not divide")]
    [TestCase("rms_norm_eps", "\"tiny\"", "'rms_norm_eps' is \"tiny\", expected a number")]
    [TestCase("rms_norm_eps", "1e999", "'rms_norm_eps' is 1e999")]
    [TestCase("log_scale", "1", "'log_scale' is 1, expected true or false")]
    [TestCase("hidden_act", "\"gelu\"", "'hidden_act' is \"gelu\", expected \"silu\"")]
    [TestCase("model_type", "\"qwen2\"", "'model_type' is \"qwen2\", expected \"llama\"")]
    [TestCase("attention_bias", "1", "'attention_bias' is 1, expected true or false")]
    [TestCase("quantization_config", "{}", "'quantization_config'")]
    [TestCase("partial_rotary_factor", "0.4", "partial_rotary_factor is 0.4, expected a number above 0 and at most 1 that leaves an even part of the head size 8")]
    [TestCase("partial_rotary_factor", "1.5", "partial_rotary_factor is 1.5")]
    [TestCase("head_dim", "16", "'head_dim' is 16, expected hidden_size / num_attention_heads = 8")]
    [TestCase("pad_token_id", "512", "pad_token_id is 512")]
    [TestCase("eos_token_id", "[\"2\"]", "'eos_token_id' is [\"2\"]")]
    [TestCase("rope_theta", "0.5", "rope_theta is 0.5")]
    [TestCase("rope_scaling", "2", "'rope_scaling' is 2, expected an object")]
    [TestCase("rope_scaling", "{}", "'rope_scaling.type' is missing")]
    [TestCase("rope_scaling", """{"type":"linear"}""", "'rope_scaling.factor' is missing")]
    [TestCase("rope_scaling", """{"type":"linear","factor":1.0}""", "'rope_scaling.factor' is 1.0, expected a number above 1")]
    [TestCase("rope_scaling", """{"type":"linear","factor":"2"}""", "'rope_scaling.factor' is \"2\"")]
    [TestCase("rope_scaling", """{"type":"linear","rope_type":"dynamic","factor":2.0}""", "keep one")]
    [TestCase("rope_scaling", """{"type":"lineal","factor":2.0}""", "unknown type 'lineal'; known are linear, dynamic, yarn, llama3, ntk-by-parts; did you mean linear?")]
    [TestCase("rope_scaling", """{"type":"yarn","factor":2.0,"beta_fast":"32"}""", "'rope_scaling.beta_fast' is \"32\", expected a number")]
    [TestCase("rope_scaling", """{"type":"yarn","factor":2.0,"attention_factor":-1}""", "rope_scaling: attention_factor is -1, expected a positive number")]
    [TestCase("rope_scaling", """{"type":"yarn","factor":2.0,"original_max_position_embeddings":0}""", "original_max_position_embeddings is 0")]
    [TestCase("rope_scaling", """{"type":"yarn","original_max_position_embeddings":2048}""", "'rope_scaling.factor' is missing")]
    [TestCase("rope_scaling", """{"rope_type":"llama3","factor":8.0,"original_max_position_embeddings":64,"low_freq_factor":1}""", "'high_freq_factor' is missing")]
    [TestCase("rope_scaling", """{"rope_type":"llama3","factor":8.0,"low_freq_factor":1,"high_freq_factor":4}""", "'rope_scaling.original_max_position_embeddings' is missing")]
    [TestCase("rope_parameters", """{"partial_rotary_factor":0.1}""", "partial_rotary_factor is 0.1")]
    [TestCase("rope_parameters", """{"rope_type":"longrope","factor":8.0}""", "rope_parameters asks for 'longrope'")]
    [TestCase("rope_scaling", """{"type":"dynamic","factor":2.0,"original_max_position_embeddings":64}""", "'rope_scaling.original_max_position_embeddings' is 64")]
    [TestCase("position", "[]", "'position' is [], expected an object")]
    [TestCase("position", """{"segments":{}}""", "'position.segments' is not known; known are segmenter, segmenters, attention, embedding; did you mean segmenter?")]
    [TestCase("position", """{"segmenter":{"tokens":[1]}}""", "'position.segmenter.type' is missing")]
    [TestCase("position", """{"segmenter":{"type":"separators"}}""", "has 0 of tokens, texts and set")]
    [TestCase("position", """{"segmenter":{"type":"separators","tokens":[1],"set":"newline"}}""", "has 2 of")]
    [TestCase("position", """{"segmenter":{"type":"separators","tokens":[]}}""", "no empty list")]
    [TestCase("position", """{"segmenter":{"type":"separators","tokens":[512]}}""", "has 512, expected ids from 0 to 511")]
    [TestCase("position", """{"segmenter":{"type":"separators","tokens":[1.5]}}""", "expected a list of integers")]
    [TestCase("position", """{"segmenter":{"type":"separators","texts":"."}}""", "expected a list of strings")]
    [TestCase("position", """{"segmenter":{"type":"separators","set":"sentences"}}""", "did you mean sentence?")]
    [TestCase("position", """{"segmenter":{"type":"fixd","length":4}}""", "'position.segmenter.type' is 'fixd'; known are separators, fixed, every_token, none; did you mean fixed?")]
    [TestCase("position", """{"segmenter":{"type":"fixed"}}""", "'position.segmenter.length' is missing")]
    [TestCase("position", """{"segmenter":{"type":"fixed","length":0}}""", "'position.segmenter.length' is 0")]
    [TestCase("position", """{"segmenter":{"type":"none","length":2}}""", "none with others")]
    [TestCase("position", """{"segmenter":{"type":"every_token","tokens":[3]}}""", "has 1 of tokens, texts and set, expected none")]
    public void A_wrong_value_is_told_with_its_key(string key, string value, string expected)
    {
        Assert.That(() => Read(With(key, value)),
            Throws.TypeOf<BipeException>().With.Message.Contains(expected).And.Message.Contains("config.json"));
    }

    [Test]
    public void Scaling_without_a_rotary_encoding_and_in_two_places_is_refused()
    {
        string scaling = With("rope_scaling", """{"type":"linear","factor":2.0}""");
        Assert.That(() => Read(With("rpe_type", "\"alibi\"", scaling)), Throws.TypeOf<BipeException>().With.Message.Contains("no rotary"));
        Assert.That(() => Read(With("rope_parameters", "{}", scaling)), Throws.TypeOf<BipeException>().With.Message.Contains("both"));
    }

    [TestCase("", "not valid JSON")]
    [TestCase("{", "not valid JSON")]
    [TestCase("[1]", "expected a JSON object")]
    [TestCase("""{"vocab_size":1,"vocab_size":2}""", "not valid JSON")]
    [TestCase("""{"rms_norm_eps":NaN}""", "not valid JSON")]
    [TestCase("{}", "'num_attention_heads' is missing")]
    public void Broken_files_are_refused(string text, string expected) =>
        Assert.That(() => Read(text), Throws.TypeOf<BipeException>().With.Message.Contains(expected));

    [Test]
    public void A_missing_file_is_named_and_a_byte_order_mark_is_no_fault()
    {
        Assert.That(() => ModelConfigReader.Read(_folder.Path), Throws.TypeOf<BipeException>().With.Message.Contains("config.json"));
        Assert.That(Read("\uFEFF" + Plain).HiddenSize, Is.EqualTo(64));
    }

    [Test]
    public void Truncations_and_bit_flips_give_a_configuration_or_one_exception()
    {
        byte[] whole = Encoding.UTF8.GetBytes(With("position", """{"segmenter":{"type":"separators","texts":["é"]}}""",
            With("rope_scaling", """{"type":"linear","factor":2.0}""")));
        var random = new Random(20240119);
        var damaged = Enumerable.Range(0, whole.Length).Select(length => whole[..length])
            .Concat(Enumerable.Range(0, 8 * whole.Length).Select(bit => Flip(bit)))
            .Concat(Enumerable.Range(0, 500).Select(_ => Flip(random.Next(8 * whole.Length), random.Next(8 * whole.Length))));
        int refused = 0;
        foreach (byte[] bytes in damaged)
        {
            File.WriteAllBytes(_folder.At("config.json"), bytes);
            try
            {
                ModelConfigReader.Read(_folder.Path).Validate("again");
            }
            catch (BipeException)
            {
                refused++;
            }
        }

        Assert.That(refused, Is.GreaterThan(whole.Length));

        byte[] Flip(params int[] bits)
        {
            byte[] copy = [.. whole];
            foreach (int bit in bits)
            {
                copy[bit / 8] ^= (byte)(1 << (bit % 8));
            }

            return copy;
        }
    }

    [TestCase("rope")]
    [TestCase("bipe_rope")]
    [TestCase("alibi")]
    [TestCase("bipe_alibi")]
    public void Golden_configurations_are_read(string encoding)
    {
        var config = ModelConfigReader.Read(TestFiles.RequireShared("golden", "models", encoding));
        Assert.That((config.PositionEncoding, config.VocabularySize, config.MaximumPositions, config.PadTokenId, config.TrainScale),
            Is.EqualTo((encoding, 877, 64, -1, 1024)));
    }

    [TestCase("rope")]
    [TestCase("bipe_rope")]
    [TestCase("alibi")]
    [TestCase("bipe_alibi")]
    public void The_repositorys_configurations_are_the_references(string encoding)
    {
        var expected = new ModelConfig
        {
            VocabularySize = 32000, HiddenSize = 768, IntermediateSize = 3072, LayerCount = 12, HeadCount = 12, KeyValueHeadCount = 12,
            MaximumPositions = 1024, RmsNormEpsilon = 1e-5, PadTokenId = -1, PositionEncoding = encoding, TrainScale = 1024,
        };
        string folder = Path.Combine(TestFiles.RepositoryRoot, "config");
        Assert.That(ModelConfigReader.Read(Path.Combine(folder, $"{encoding}.json")), Is.EqualTo(expected));
        Assert.That(ModelConfigReader.Read(Path.Combine(folder, $"tiny_{encoding}.json")), Is.EqualTo(expected with
        {
            HiddenSize = 256, IntermediateSize = 1024, LayerCount = 4, HeadCount = 4, KeyValueHeadCount = 4,
            MaximumPositions = 256, TrainScale = 256,
        }));
    }

    /// <summary>As Hugging Face's save_pretrained writes the reference's class: keys that say nothing of the model among them.</summary>
    [TestCase("BiPE_RoPE-151M", "bipe_rope")]
    [TestCase("RoPE-151M", "rope")]
    [TestCase("BiPE_ALiBi-151M", "bipe_alibi")]
    [TestCase("ALiBi-151M", "alibi")]
    public void Released_configurations_are_read_as_they_are_spelled(string name, string encoding)
    {
        ModelConfig config = Read($$"""
            {"_name_or_path":"{{name}}","architectures":["MyLlamaForCausalLM"],"bos_token_id":1,"eos_token_id":2,"hidden_act":"silu","hidden_size":768,
             "initializer_range":0.02,"intermediate_size":3072,"log_scale":false,"max_position_embeddings":1024,"model_type":"llama",
             "num_attention_heads":12,"num_hidden_layers":12,"num_key_value_heads":12,"pad_token_id":-1,"pretraining_tp":1,"rms_norm_eps":1e-05,
             "rope_scaling":null,"rpe_type":"{{encoding}}","tie_word_embeddings":false,"torch_dtype":"float32","train_scale":1024,
             "transformers_version":"4.36.2","use_cache":true,"vocab_size":32000}
            """);
        Assert.That(config, Is.EqualTo(ModelConfigReader.Read(Path.Combine(TestFiles.RepositoryRoot, "config", $"{encoding}.json"))));
    }

    [TestCase("""{"attention":{"slope_factr":2}}""", "'position.attention.slope_factr' is not known to the encoding alibi; known are slope_factor; did you mean slope_factor?")]
    [TestCase("""{"attention":{"slope_factor":0}}""", "'position.attention.slope_factor' is 0, expected a number from 1E-06 to 1000000")]
    [TestCase("""{"attention":{"slope_factor":"2"}}""", "'position.attention.slope_factor' is \"2\", expected a number")]
    [TestCase("""{"embedding":{"rows":2.5}}""", "'position.embedding.rows' is 2.5, expected an integer from 1 to")]
    [TestCase("""{"embedding":{"row":2}}""", "did you mean rows?")]
    public void A_wrong_option_of_an_encoding_is_told_with_its_key(string position, string expected) => Assert.That(
        () => Read(With("position", position, With("rpe_type", "\"bipe_alibi\""))),
        Throws.TypeOf<BipeException>().With.Message.Contains(expected).And.Message.Contains("config.json"));

    [Test]
    public void Segmenters_of_corpora_come_back_as_they_were_written()
    {
        ModelConfig config = Read(Plain) with
        {
            NamedSegmenters = new Dictionary<string, SegmenterConfig>
            {
                ["code"] = new() { Tokens = [13] }, ["tokens/books=old"] = new() { Type = "fixed", Length = 7 },
            },
        };
        ModelConfigWriter.Write(_folder.Path, config);
        IReadOnlyDictionary<string, SegmenterConfig> read = ModelConfigReader.Read(_folder.Path).NamedSegmenters!;
        Assert.That(read.Select(named => (named.Key, named.Value.Label)), Is.EqualTo(new[] { ("code", "13"), ("tokens/books=old", "fixed:7") }));
    }

    [TestCase("{\"code\":{\"type\":\"lines\"}}", "'position.segmenters.code.type' is 'lines'")]
    [TestCase("{\"code\":{\"type\":\"fixed\"}}", "'position.segmenters.code.length' is missing")]
    [TestCase("{\"code\":{\"type\":\"separators\",\"tokens\":[512]}}", "'position.segmenters.code.tokens' has 512")]
    [TestCase("{\"code\":\"newline\"}", "'position.segmenters.code' is \"newline\", expected an object")]
    public void A_wrong_segmenter_of_a_corpus_is_told_with_its_key(string segmenters, string expected) => Assert.That(
        () => Read(With("position", $$"""{"segmenters":{{segmenters}}}""")),
        Throws.TypeOf<BipeException>().With.Message.Contains(expected).And.Message.Contains("config.json"));

    [TestCase("fixed", 7)]
    [TestCase("every_token", 0)]
    [TestCase("none", 0)]
    public void Segmenters_without_separators_and_options_come_back_as_they_were_written(string type, int length)
    {
        ModelConfig config = Read(With("rpe_type", "\"bipe_alibi\"")) with
        {
            Segmenter = new SegmenterConfig { Type = type, Length = length },
            AttentionOptions = new Dictionary<string, double> { ["slope_factor"] = 2.5 },
            EmbeddingOptions = new Dictionary<string, double> { ["rows"] = 12 },
        };
        ModelConfigWriter.Write(_folder.Path, config);
        ModelConfig read = ModelConfigReader.Read(_folder.Path);
        Assert.That(read.Segmenter, Is.EqualTo(config.Segmenter));
        Assert.That(read.AttentionOptions, Is.EquivalentTo(config.AttentionOptions!));
        Assert.That(read.EmbeddingOptions, Is.EquivalentTo(config.EmbeddingOptions!));
    }

    private static string With(string key, string value, string json = Plain)
    {
        if (value == "1e999")
        {
            return json[..^1] + $",\"{key}\":{value}}}";
        }

        var node = JsonNode.Parse(json)!.AsObject();
        node[key] = JsonNode.Parse(value);
        return node.ToJsonString();
    }

    private ModelConfig Read(string json)
    {
        File.WriteAllText(_folder.At("config.json"), json);
        return ModelConfigReader.Read(_folder.Path);
    }
}
