using BiPE.Core.Autograd;
using BiPE.Core.Checkpoints;
using BiPE.Core.Model;
using BiPE.Core.Positions.Segments;
using BiPE.Core.Tensors;
using BiPE.Core.Tests.Model;
using BiPE.Core.Tokenization;
using BiPE.Cpu;
using BiPE.Cuda;
using BiPE.Testing;

namespace BiPE.Core.Tests.Positions.Encodings;

/// <summary>What holds of a whole model with any encoding.</summary>
public sealed class EncodingModelTests
{
    private const string SlopeFactor = "slope_factor";

    private static IEnumerable<string> Names => EncodingCases.Names;

    private static IEnumerable<string> Attention => EncodingCases.Attention;

    [Test]
    public void GradientsOfItsParametersMatchFiniteDifferences([ValueSource(nameof(Names))] string name)
    {
        using var backend = new ReferenceBackend();
        using LanguageModel model = TinyModels.Create(backend, EncodingCases.Config(name) with { PadTokenId = null });
        TokenBatch batch = TinyModels.Batch();
        using (var tape = new Tape(backend, isRecording: true))
        {
            model.Losses(tape, batch, 1.0 / batch.LabelCount);
            tape.Backward();
        }

        // An embedding of the tokens is checked too: gradients must pass through what rotates or adds to it.
        foreach (Parameter parameter in model.Parameters.Where(IsOfPositions).Append(model.Parameters[0]))
        {
            double[] gradient = backend.ReadDoubles(parameter.Gradient);
            Assert.That(gradient.Max(Math.Abs), Is.GreaterThan(0), parameter.Name);
            GradientCheck.Check(parameter.Name, backend, parameter.Value, gradient, () => Losses(model, batch).Sum() / batch.LabelCount, samples: 4);
        }
    }

    [Test]
    public void RecomputingLayersGivesTheSameGradients([ValueSource(nameof(Attention))] string name)
    {
        using var backend = new ReferenceBackend();
        using LanguageModel model = TinyModels.Create(backend, EncodingCases.Config($"bipe_{name}"));
        double[][] plain = Gradients(model);
        model.Recompute = Recompute.Layers;
        Assert.That(Gradients(model), Is.EqualTo(plain));
        int live = backend.Memory.LiveBuffers;
        Gradients(model);
        Assert.That(backend.Memory.LiveBuffers, Is.EqualTo(live), "nothing stays allocated");
    }

    [Test]
    public void WithEveryTokenASegmentTheBilevelFormIsThePlainOne([ValueSource(nameof(Attention))] string name)
    {
        using var backend = new ReferenceBackend();
        ModelConfig config = EncodingCases.Config(name);
        if (name.Contains("alibi", StringComparison.Ordinal))
        {
            // Between segments, slopes are steeper unless told otherwise.
            config = config with { AttentionOptions = new Dictionary<string, double>(config.AttentionOptions ?? new Dictionary<string, double>()) { [SlopeFactor] = 1 } };
        }

        using LanguageModel plain = TinyModels.Create(backend, config);
        using LanguageModel bilevel = TinyModels.Create(backend, config with
        {
            PositionEncoding = $"bipe_{name}+none",
            Segmenter = new SegmenterConfig { Type = Segmenters.EveryToken },
        });
        Assert.That(Losses(bilevel, TinyModels.Batch()), Is.EqualTo(Losses(plain, TinyModels.Batch())).Within(1e-12));
    }

    [Test]
    public void OrderInsideASegmentCountsThroughTheIntraLevelAlone([ValueSource(nameof(Attention))] string name, [Values("none", "learned", "sinusoidal", "rotary")] string intra)
    {
        using var backend = new ReferenceBackend();
        ModelConfig config = EncodingCases.Config($"bipe_{name}+{intra}") with { LayerCount = 1, InitializerRange = 0.5 };
        using LanguageModel model = TinyModels.Create(backend, config);

        // One layer of attention sees a set of tokens of a segment; the last token of all is the same.
        double difference = Math.Abs(Last([7, 9, 12, 3, 11, 4, 6]) - Last([9, 12, 7, 3, 4, 11, 6]));
        Assert.That(difference, intra == "none" ? Is.LessThan(1e-12) : Is.GreaterThan(1e-5));

        double Last(int[] tokens) => Losses(model, new TokenBatch([.. tokens, 2], 1))[tokens.Length - 1];
    }

    [TestCaseSource(nameof(Names))]
    public void CachedDecodingGivesTheLossesOfOnePass(string name)
    {
        foreach (bool logScale in new[] { false, true }.Where(logScale => !(logScale && name.Contains("cope", StringComparison.Ordinal))))
        {
            using var backend = new ReferenceBackend();
            using LanguageModel model = TinyModels.Create(backend, EncodingCases.Config(name) with { LogScale = logScale });
            var random = new Random(5);
            var row = new TokenBatch([.. Enumerable.Range(0, 29).Select(_ => random.Next(22))], 1);
            double[] whole = Losses(model, row);
            Assert.That(model.LossesInChunks(row, 1), Is.EqualTo(whole).Within(1e-12), "token by token");
            Assert.That(model.LossesInChunks(row, 11), Is.EqualTo(whole).Within(1e-12), "in chunks");
        }
    }

    [TestCaseSource(nameof(Names))]
    public void OnTheProcessorLossesAreTheOraclesButForRounding(string name)
    {
        using var oracle = new ReferenceBackend();
        using var processor = new ValidatingBackend(new CpuBackend());
        using LanguageModel expected = TinyModels.Create(oracle, EncodingCases.Config(name));
        using LanguageModel found = TinyModels.Create(processor, EncodingCases.Config(name));
        Assert.That(Losses(found, TinyModels.Batch()), Is.EqualTo(Losses(expected, TinyModels.Batch())).Within(2e-4));
    }

    [TestCase("kerple")]
    [TestCase("t5")]
    [TestCase("fire")]
    public void InBfloat16LearnedNumbersStayFloat32AndLossesAreTheOraclesButForRounding(string name)
    {
        ModelConfig config = EncodingCases.Config($"bipe_{name}") with { LayerCount = 1 };
        using var oracle = new ReferenceBackend();
        using var narrow = new ValidatingBackend(SimulatedCuda.Open(CudaPrecision.BFloat16));
        using LanguageModel expected = TinyModels.Create(oracle, config);
        using LanguageModel found = TinyModels.Create(narrow, config);
        foreach ((Parameter wanted, Parameter parameter) in expected.Parameters.Zip(found.Parameters))
        {
            narrow.WriteDoubles(parameter.Master, oracle.ReadDoubles(wanted.Value));
            parameter.CopyFromMaster();
        }

        Assert.That(Losses(found, TinyModels.Batch()), Is.EqualTo(Losses(expected, TinyModels.Batch())).Within(0.3));
        double[][] wantedGradients = Gradients(expected);
        double[][] gradients = Gradients(found);
        for (int i = 0; i < gradients.Length; i++)
        {
            if (IsOfPositions(expected.Parameters[i]))
            {
                Assert.That(
                    gradients[i], Is.EqualTo(wantedGradients[i]).Within(0.1 * wantedGradients[i].Max(Math.Abs)), expected.Parameters[i].Name);
            }
        }
    }

    [TestCaseSource(nameof(Names))]
    public void WhatIsSavedComesBack(string name)
    {
        using var folder = new TemporaryFolder();
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        using var model = new LanguageModel(backend, EncodingCases.Config(name));
        Initialiser.Initialise(model, 4);
        HuggingFaceFolder.Save(model, folder.Path, new ByteTokenizer());
        using LanguageModel loaded = HuggingFaceFolder.Load(backend, folder.Path);
        Assert.That(loaded.Config.PositionEncoding, Is.EqualTo(name));
        Assert.That(loaded.Config.AttentionOptions, Is.EqualTo(model.Config.AttentionOptions));
        Assert.That(Losses(loaded, TinyModels.Batch()), Is.EqualTo(Losses(model, TinyModels.Batch())));
        Assert.That(Losses(loaded, TinyModels.Batch()), Has.All.Matches<double>(double.IsFinite));
    }

    private static bool IsOfPositions(Parameter parameter) => !parameter.Name.Contains(".layers.", StringComparison.Ordinal)
        && !(parameter.Name is "model.embed_tokens.weight" or "model.norm.weight" or "lm_head.weight");

    private static double[][] Gradients(LanguageModel model)
    {
        foreach (Parameter parameter in model.Parameters)
        {
            parameter.ClearGradient();
        }

        using var tape = new Tape(model.Backend, isRecording: true);
        model.Losses(tape, TinyModels.Batch());
        tape.Backward();
        return [.. model.Parameters.Select(parameter => model.Backend.ReadDoubles(parameter.Gradient))];
    }

    private static double[] Losses(LanguageModel model, TokenBatch batch)
    {
        using var tape = new Tape(model.Backend, isRecording: false);
        return model.Backend.ReadDoubles(model.Losses(tape, batch));
    }
}
