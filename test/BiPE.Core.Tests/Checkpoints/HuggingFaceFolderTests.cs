using BiPE.Core.Autograd;
using BiPE.Core.Checkpoints;
using BiPE.Core.Checkpoints.Safetensors;
using BiPE.Core.Evaluation;
using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Tests.Model;
using BiPE.Core.Tokenization;
using BiPE.Cpu;
using BiPE.Testing;

namespace BiPE.Core.Tests.Checkpoints;

public sealed class HuggingFaceFolderTests
{
    private const string GreedyText =
        "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One day, she saw a big, red ball. "
        + "She wanted to play with it, but it was too high.";

    [Test]
    public void WhatIsSavedComesBackBitForBit(
        [ValueSource(typeof(TinyModels), nameof(TinyModels.Encodings))] string encoding, [Values] bool tied, [Values] bool biased)
    {
        using var folder = new TemporaryFolder();
        using var backend = new CpuBackend();
        using LanguageModel model = TinyModels.Create(
            backend, TinyModels.Config(encoding, tied) with { AttentionBias = biased, MlpBias = biased });
        HuggingFaceFolder.Save(model, folder.Path, new ByteTokenizer());
        using LanguageModel loaded = HuggingFaceFolder.Load(backend, folder.Path);
        Assert.That(loaded.Config.Segmenter!.Tokens, Is.EqualTo(model.Config.Segmenter!.Tokens));
        foreach ((Parameter before, Parameter after) in model.Parameters.Zip(loaded.Parameters))
        {
            Assert.That(backend.ReadFloats(after.Value), Is.EqualTo(backend.ReadFloats(before.Value)), before.Name);
        }
    }

    [Test]
    public void NamesAndShapesAreTheReferences()
    {
        using var folder = new TemporaryFolder();
        using var backend = new CpuBackend();
        string original = TestFiles.InRepository("BiPE.Core.Tests", "models", "bipe_rope");
        using (LanguageModel model = HuggingFaceFolder.Load(backend, original))
        {
            HuggingFaceFolder.Save(model, folder.Path, tokenizer: null);
        }

        Assert.That(
            File.ReadAllBytes(folder.At("model.safetensors")), Is.EqualTo(File.ReadAllBytes(Path.Combine(original, "model.safetensors"))));
    }

    [Test]
    public void SeparatorsNamedByTextAreIdsOfALoadedModel()
    {
        using var folder = new TemporaryFolder();
        using var backend = new CpuBackend();
        ModelConfig config = TinyModels.Config("bipe_rope") with { VocabularySize = 264 };
        using (LanguageModel model = TinyModels.Create(backend, config))
        {
            HuggingFaceFolder.Save(model, folder.Path, new ByteTokenizer());
        }

        ModelConfigWriter.Write(folder.Path, config with
        {
            Segmenter = new SegmenterConfig { Set = "newline" },
            NamedSegmenters = new Dictionary<string, SegmenterConfig> { ["code"] = new() { Texts = [";"] }, ["prose"] = new() { Tokens = ['.'] } },
        });
        using LanguageModel loaded = HuggingFaceFolder.Load(backend, folder.Path);
        string[] labels = ["10", "59", "46"];
        Assert.That(Labels(loaded.Config), Is.EqualTo(labels));
        Assert.That(Labels(CheckpointReport.Of(folder.Path).Config!), Is.EqualTo(labels));

        static string[] Labels(ModelConfig config) => [config.Segmenter!.Label, config.NamedSegmenters!["code"].Label, config.NamedSegmenters["prose"].Label];
    }

    [Test]
    [Platform("Linux,MacOsX")]
    public void TheReportTellsLengthsOfLinkedFiles()
    {
        using var folder = new TemporaryFolder();
        using var backend = new CpuBackend();
        using (LanguageModel model = TinyModels.Create(backend, TinyModels.Config("rope")))
        {
            HuggingFaceFolder.Save(model, folder.Path, tokenizer: null);
        }

        string weights = folder.At("model.safetensors");
        File.Move(weights, folder.At("elsewhere"));
        File.CreateSymbolicLink(weights, folder.At("elsewhere"));
        Assert.That(CheckpointReport.Of(folder.Path).Files.Values.Single(), Is.EqualTo(new FileInfo(folder.At("elsewhere")).Length));
    }

    [TestCase(SafetensorsType.Float16)]
    [TestCase(SafetensorsType.BFloat16)]
    public void HalfPrecisionFilesLoad(SafetensorsType type)
    {
        using var folder = new TemporaryFolder();
        using var backend = new CpuBackend();
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config("bipe_rope"));
        Rewrite(model, folder.Path, type, (_, shape) => shape, _ => true);
        using LanguageModel loaded = HuggingFaceFolder.Load(backend, folder.Path);
        foreach ((Parameter before, Parameter after) in model.Parameters.Zip(loaded.Parameters))
        {
            Assert.That(backend.ReadFloats(after.Value), Is.EqualTo(backend.ReadFloats(before.Value)).Within(5e-3), before.Name);
        }
    }

    [Test]
    public void TensorsThatDoNotFitAreNamed()
    {
        using var folder = new TemporaryFolder();
        using var backend = new CpuBackend();
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config("bipe_rope"));
        const string Name = "model.layers.1.mlp.up_proj.weight";
        Rewrite(model, folder.Path, SafetensorsType.Float32, (_, shape) => shape, name => name != Name);
        Refuses($"missing: '{Name}'.");

        Rewrite(model, folder.Path, SafetensorsType.Float32, (name, shape) => name == Name ? [shape[1], shape[0]] : shape, _ => true);
        Refuses($"of another shape: '{Name}' is [24, 20], wanted [20, 24].");

        ModelConfigWriter.Write(folder.Path, model.Config with { PositionEncoding = "rope" });
        Refuses("unknown to it: 'model.embeds.0.weight'");

        File.WriteAllText(folder.At("model.safetensors"), "no safetensors");
        Refuses("model.safetensors");

        File.Delete(folder.At("model.safetensors"));
        Refuses("model.safetensors");
        Assert.That(backend.Memory.LiveBuffers, Is.EqualTo(model.Parameters.Count), "nothing is kept of models that did not load");

        void Refuses(string sentence) =>
            Assert.That(() => HuggingFaceFolder.Load(backend, folder.Path), Throws.TypeOf<BipeException>().With.Message.Contains(sentence));
    }

    [Test]
    public void EveryTensorThatDoesNotFitIsNamedAtOnceAndGrouped()
    {
        using var folder = new TemporaryFolder();
        using var backend = new CpuBackend();
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config("rope"));
        ModelConfigWriter.Write(folder.Path, model.Config with { LayerCount = 5, IntermediateSize = 21, PositionEncoding = "bipe_rope" });
        SafetensorsTensor[] tensors =
        [
            .. new[] { 0, 1, 3 }.Select(layer => Zeros($"model.layers.{layer}.self_attn.query_proj.weight", 24, 24)),
            .. Enumerable.Range(0, 5).Select(layer => Zeros($"model.layers.{layer}.mlp.down_proj.weight", 24, 20)),
            Zeros("model.embed_token.weight", 23, 24), Zeros("model.layers.0.self_attn.rotary_emb.inv_freq", 2), Zeros("something.quite.different", 1),
            SafetensorsTensor.OfIntegers("model.norm.weight", SafetensorsType.Int64, [24], (_, values) => values.Clear()),
        ];
        SafetensorsWriter.Write(folder.At("model.safetensors"), tensors);
        string message = Assert.Throws<BipeException>(() => HuggingFaceFolder.Load(backend, folder.Path))!.Message;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(message, Does.Contain("(rpe_type bipe_rope)"));
            Assert.That(message, Does.Contain("missing: 'model.embed_tokens.weight', 'model.layers.{0-4}.self_attn.q_proj.weight' (5 tensors), "));
            Assert.That(message, Does.Contain("'model.embeds.0.weight'"));
            Assert.That(message, Does.Contain("'model.embed_token.weight' (the nearest known is model.embed_tokens.weight)"));
            Assert.That(message, Does.Contain(
                "'model.layers.{0-1,3}.self_attn.query_proj.weight' (3 tensors) (the nearest known is model.layers.*.self_attn.q_proj.weight)"));
            Assert.That(message, Does.Contain("'something.quite.different';"), "nothing known is near");
            Assert.That(message, Does.Contain("of another shape: 'model.layers.{0-4}.mlp.down_proj.weight' (5 tensors) is [24, 20], wanted [24, 21];"));
            Assert.That(message, Does.Contain("of another type: 'model.norm.weight' is I64, wanted F32, F16 or BF16."));
            Assert.That(message, Does.Not.Contain("inv_freq"));
        }

        static SafetensorsTensor Zeros(string name, params long[] shape) =>
            SafetensorsTensor.OfFloats(name, SafetensorsType.Float32, shape, (_, values) => values.Clear());
    }

    [Test]
    public void ACheckpointOfQuiteAnotherKindIsNotToldInFull()
    {
        using var folder = new TemporaryFolder();
        using var backend = new CpuBackend();
        ModelConfigWriter.Write(folder.Path, TinyModels.Config("rope"));
        SafetensorsWriter.Write(folder.At("model.safetensors"), Enumerable.Range(0, 26 * 26).Select(i => SafetensorsTensor.OfFloats(
            $"{(char)('a' + (i / 26))}{(char)('a' + (i % 26))}", SafetensorsType.Float32, [1], (_, values) => values.Clear())));
        Assert.That(
            () => HuggingFaceFolder.Load(backend, folder.Path), Throws.TypeOf<BipeException>().With.Message.Contains("'aa', 'ab'").And.Message.Contains("'bx', and 626 more."));
    }

    [Test]
    public void ATrainedModelTellsItsStory()
    {
        string folder = TestFiles.RequireShared("models", "stories260K");
        ITokenizer tokenizer = TokenizerFolder.Open(folder);
        var tokens = new List<int> { tokenizer.BeginOfSentence };
        tokenizer.Encode(GreedyText, tokens);
        using var backend = new CpuBackend();
        using LanguageModel model = HuggingFaceFolder.Load(backend, folder);
        Assert.That(new PerplexityEvaluator(model).TokenLosses([.. tokens]).Average(), Is.EqualTo(0.38574).Within(1e-5));

        using var tape = new Tape(backend, isRecording: false);
        float[] logits = backend.ReadFloats(model.Logits(tape, model.Forward(tape, new TokenBatch([.. tokens], 1))).Value);
        int vocabulary = model.Config.VocabularySize;
        for (int i = 0; i + 1 < tokens.Count; i++)
        {
            float[] row = logits[(i * vocabulary)..((i + 1) * vocabulary)];
            Assert.That(Array.IndexOf(row, row.Max()), Is.EqualTo(tokens[i + 1]), $"token {i + 1}");
        }
    }

    /// <summary>Saves a model with other types, shapes or tensors than it has.</summary>
    private static void Rewrite(
        LanguageModel model, string folder, SafetensorsType type, Func<string, long[], long[]> shapeOf, Func<string, bool> keeps)
    {
        ModelConfigWriter.Write(folder, model.Config);
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), [.. Tensors()]);

        IEnumerable<SafetensorsTensor> Tensors()
        {
            foreach ((Parameter parameter, ParameterPart part) in model.Parameters.SelectMany(p => p.Parts.Select(part => (p, part))))
            {
                Tensor value = parameter.Value.Slice(part.FirstRow, part.RowCount);
                float[] numbers = model.Backend.ReadFloats(value);
                long[] shape = shapeOf(part.Name, [.. Enumerable.Range(0, value.Shape.Rank).Select(axis => (long)value.Shape[axis])]);
                if (keeps(part.Name))
                {
                    yield return SafetensorsTensor.OfFloats(
                        part.Name, type, shape, (first, destination) => numbers.AsSpan((int)first, destination.Length).CopyTo(destination));
                }
            }
        }
    }
}
