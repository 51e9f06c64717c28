using System.Text.Json.Nodes;
using BiPE.Core.Model;
using FsCheck;
using FsCheck.Fluent;
using BiPE.Testing;

namespace BiPE.Core.Tests.Model;

public sealed class ModelConfigWriterTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void What_is_written_is_read_back()
    {
        var configs =
            from encoding in Gen.Elements("rope", "alibi", "bipe_rope", "bipe_alibi")
            from groups in Gen.Choose(1, 4)
            from keyValueHeads in Gen.Choose(1, 4)
            from size in Gen.Choose(1, 20)
            from epsilon in Gen.Elements(1e-5, 1e-6, 0.001, 1.25e-7)
            from pad in Gen.Elements<int?>(null, -1, 0, 31)
            from ends in Gen.Elements<int?>(null, 2)
            from scaling in Gen.Elements(
                null, new RotaryScalingConfig("linear", 2), new RotaryScalingConfig("dynamic", 8.125), new RotaryScalingConfig("yarn", 16),
                new RotaryScalingConfig("yarn", 4) { OriginalMaximumPositions = 512, AttentionFactor = 1.5, BetaFast = 16, BetaSlow = 2 },
                new RotaryScalingConfig("yarn", 4) { Mscale = 0.707, MscaleAllDimensions = 2, Truncates = false },
                new RotaryScalingConfig("ntk-by-parts", 2) { AttentionFactor = 1.25, BetaFast = 20, BetaSlow = 0.5 },
                new RotaryScalingConfig("llama3", 8) { OriginalMaximumPositions = 8192, LowFrequencyFactor = 1, HighFrequencyFactor = 4 })
            from rotaryBase in Gen.Elements(10000, 500000, 1e6, 12345.678)
            from flags in Gen.Choose(0, 15)
            select new ModelConfig
            {
                VocabularySize = 32 + size, HiddenSize = 2 * size * groups * keyValueHeads, IntermediateSize = 7 * size, LayerCount = size,
                HeadCount = groups * keyValueHeads, KeyValueHeadCount = keyValueHeads, MaximumPositions = 64 * size, RmsNormEpsilon = epsilon,
                InitializerRange = 0.2, TieWordEmbeddings = (flags & 1) != 0, PadTokenId = pad, BeginOfSentence = ends, EndOfSentence = ends,
                PositionEncoding = encoding, LogScale = (flags & 2) != 0, AttentionBias = (flags & 4) != 0, MlpBias = (flags & 8) != 0,
                TrainScale = 32 * size, RotaryBase = rotaryBase,
                RotaryScaling = encoding.EndsWith("rope", StringComparison.Ordinal) ? scaling : null,
            };
        Prop.ForAll(configs.ToArbitrary(), config =>
        {
            ModelConfigWriter.Write(_folder.Path, config);
            return ModelConfigReader.Read(_folder.Path) == config;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(20240120, 3));
    }

    [Test]
    public void Segmenters_are_written_as_they_are_named()
    {
        foreach (var segmenter in new[]
        {
            new SegmenterConfig { Tokens = [13, 869] }, new SegmenterConfig { Texts = ["\n", "。\""] }, new SegmenterConfig { Set = "newline" },
        })
        {
            ModelConfigWriter.Write(_folder.Path, Small with { Segmenter = segmenter });
            var read = ModelConfigReader.Read(_folder.Path).Segmenter!;
            Assert.That((read.Tokens, read.Texts, read.Set), Is.EqualTo((segmenter.Tokens, segmenter.Texts, segmenter.Set)));
        }
    }

    [Test]
    public void The_file_has_the_keys_of_the_references_own()
    {
        string golden = Path.Combine(TestFiles.RequireShared("golden", "models", "bipe_rope"), "config.json");
        ModelConfigWriter.Write(_folder.Path, ModelConfigReader.Read(golden));
        var expected = JsonNode.Parse(File.ReadAllText(golden))!.AsObject();
        expected.Remove("transformers_version");
        var written = JsonNode.Parse(File.ReadAllText(_folder.At("config.json")))!.AsObject();
        Assert.That(written["rope_theta"]!.GetValue<double>(), Is.EqualTo(10000));
        written.Remove("rope_theta");
        Assert.That(written.Select(pair => pair.Key), Is.EqualTo(expected.Select(pair => pair.Key)));
        Assert.That(JsonNode.DeepEquals(written, expected), Is.True);
    }

    [Test]
    public void A_factor_that_is_whole_is_still_written_with_a_point()
    {
        ModelConfigWriter.Write(_folder.Path, Small with { RotaryScaling = new RotaryScalingConfig("linear", 2) }, "bfloat16");
        string text = File.ReadAllText(_folder.At("config.json"));
        Assert.That(text, Does.Contain("\"factor\": 2.0").And.Contain("\"rope_theta\": 10000.0").And.Contain("\"torch_dtype\": \"bfloat16\""));
        Assert.That(text, Does.EndWith("}\n"));
    }

    [Test]
    public void Scaling_is_spelled_as_those_spell_it_who_know_it()
    {
        Assert.That(Written(new RotaryScalingConfig("dynamic", 4)), Is.EqualTo("""{"type":"dynamic","factor":4.0}"""));
        Assert.That(Written(new RotaryScalingConfig("yarn", 4) { BetaFast = 16, Truncates = false }),
            Is.EqualTo("""{"rope_type":"yarn","factor":4.0,"beta_fast":16.0,"truncate":false}"""));

        string Written(RotaryScalingConfig scaling)
        {
            ModelConfigWriter.Write(_folder.Path, Small with { RotaryScaling = scaling });
            return JsonNode.Parse(File.ReadAllText(_folder.At("config.json")))!["rope_scaling"]!.ToJsonString();
        }
    }

    [Test]
    public void A_faulty_configuration_is_not_written()
    {
        Assert.That(() => ModelConfigWriter.Write(_folder.Path, Small with { HeadCount = 3 }), Throws.TypeOf<BipeException>());
        Assert.That(
            () => ModelConfigWriter.Write(_folder.Path, Small with { RotaryScaling = new RotaryScalingConfig("yarn", 0.5) }), Throws.TypeOf<BipeException>());
        Assert.That(() => ModelConfigWriter.Write(_folder.Path, Small, "int8"), Throws.ArgumentException);
        Assert.That(Directory.GetFiles(_folder.Path), Is.Empty);
    }

    [TestCaseSource(nameof(FaultySegmenters))]
    public void A_faulty_segmenter_is_neither_written_nor_made(SegmenterConfig segmenter, string expected)
    {
        using var backend = new ReferenceBackend();
        ModelConfig own = Small with { Segmenter = segmenter };
        ModelConfig named = Small with { NamedSegmenters = new Dictionary<string, SegmenterConfig> { ["code"] = segmenter } };
        Refuses(() => ModelConfigWriter.Write(_folder.Path, own), "position.segmenter");
        Refuses(() => new LanguageModel(backend, own).Dispose(), "position.segmenter");
        Refuses(() => ModelConfigWriter.Write(_folder.Path, named), "position.segmenters.code");
        Refuses(() => new LanguageModel(backend, named).Dispose(), "position.segmenters.code");
        Assert.That(Directory.GetFiles(_folder.Path), Is.Empty);

        void Refuses(Action make, string key) => Assert.That(make, Throws.TypeOf<BipeException>().With.Message.Contains($"'{key}").And.Message.Contains(expected));
    }

    private static IEnumerable<TestCaseData> FaultySegmenters =>
    [
        new(new SegmenterConfig { Type = "lines" }, "is 'lines'"),
        new(new SegmenterConfig { Type = "fixed" }, "length' is 0"),
        new(new SegmenterConfig { Type = "none", Length = 3 }, "length' is 3"),
        new(new SegmenterConfig { Type = "none", Tokens = [13] }, "has 1 of tokens"),
        new(new SegmenterConfig(), "has 0 of tokens"),
        new(new SegmenterConfig { Tokens = [] }, "no empty list"),
        new(new SegmenterConfig { Set = "sentences" }, "did you mean sentence?"),
        new(new SegmenterConfig { Tokens = [1000] }, "has 1000, expected ids from 0 to 999"),
    ];

    private static ModelConfig Small => new()
    {
        VocabularySize = 1000, HiddenSize = 64, IntermediateSize = 128, LayerCount = 2, HeadCount = 4, KeyValueHeadCount = 2,
    };
}
