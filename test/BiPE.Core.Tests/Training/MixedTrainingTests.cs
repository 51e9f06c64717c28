using BiPE.Core.Autograd;
using BiPE.Core.Data;
using BiPE.Core.Evaluation;
using BiPE.Core.Model;
using BiPE.Core.Positions;
using BiPE.Core.Positions.Segments;
using BiPE.Core.Tensors;
using BiPE.Core.Tokenization;
using BiPE.Core.Training;
using BiPE.Cpu;
using BiPE.Testing;

namespace BiPE.Core.Tests.Training;

/// <summary>Training on several corpora whose documents are packed into blocks.</summary>
public sealed class MixedTrainingTests
{
    private static readonly TrainingOptions Options = SmallRun.Options(12) with
    {
        GradientAccumulation = 2, Packing = DocumentPacking.Documents, HeldOut = 0.1,
    };

    [Test]
    public void ResumingEqualsNeverHavingStopped()
    {
        using var whole = new TemporaryFolder();
        using var stopped = new TemporaryFolder();
        using var backend = new CpuBackend();
        SmallRun.Go(backend, whole.Path, "bipe_rope", Options, openData: () => Data());
        foreach (long stopAfter in new[] { 1, 5, 8 })
        {
            Assert.That(SmallRun.Go(backend, stopped.Path, "bipe_rope", Options, stopAfter, openData: () => Data()), Is.False);
        }

        Assert.That(SmallRun.Go(backend, stopped.Path, "bipe_rope", Options, openData: () => Data()), Is.True);
        Assert.That(SmallRun.FinalModel(stopped.Path), Is.EqualTo(SmallRun.FinalModel(whole.Path)));
        Assert.That(SmallRun.FinalMoments(stopped.Path), Is.EqualTo(SmallRun.FinalMoments(whole.Path)));
    }

    [Test]
    public void PackingHoldingOutAndWeightsChangeTheRun()
    {
        using var backend = new CpuBackend();
        byte[][] models =
        [
            After(Options, () => Data()),
            After(Options with { Packing = DocumentPacking.Concatenate }, () => Data()),
            After(Options with { HeldOut = 0 }, () => Data()),
            After(Options, () => Data(1, 9)),
            After(Options, () => Data(9, 1)),
        ];

        Assert.That(models, Is.Unique);
        Assert.That(After(Options, () => Data()), Is.EqualTo(models[0]), "the same seed gives the same bits");

        byte[] After(TrainingOptions options, Func<TrainingData> openData)
        {
            using var folder = new TemporaryFolder();
            SmallRun.Go(backend, folder.Path, "bipe_rope", options with { MaxSteps = 4 }, openData: openData);
            return SmallRun.FinalModel(folder.Path);
        }
    }

    [Test]
    public void WhatWouldChangeTheBlocksIsRefusedAtAResume()
    {
        using var folder = new TemporaryFolder();
        using var backend = new CpuBackend();
        SmallRun.Go(backend, folder.Path, "rope", Options, stopAfter: 2, openData: () => Data());

        RequireRefused(Options with { Packing = DocumentPacking.Concatenate }, () => Data(), "--packing is Documents");
        RequireRefused(Options with { HeldOut = 0.2 }, () => Data(), "--hold-out is 0.1");
        RequireRefused(Options, () => Data(1, 2), "hash of --data and --weights");
        RequireRefused(Options, () => new TrainingData(Data().Sources, null), "hash of --data and --weights");

        void RequireRefused(TrainingOptions options, Func<TrainingData> openData, string reason) => Assert.That(
            () => SmallRun.Go(backend, folder.Path, "rope", options, openData: openData), Throws.TypeOf<BipeException>().With.Message.Contains(reason));
    }

    [Test]
    public void TheCheckpointKnowsTheCorpora()
    {
        using var folder = new TemporaryFolder();
        using var backend = new CpuBackend();
        SmallRun.Go(backend, folder.Path, "rope", Options, stopAfter: 1, openData: () => Data(0.25m, 0.75m));

        TrainingState state = TrainingCheckpoint.ReadState(TrainingCheckpoint.Latest(folder.Path)!);
        Assert.That(state.Sources, Is.EqualTo(new[] { new TrainingSourceState("lines", "a", 0.25m), new TrainingSourceState("words", "b", 0.75m) }));
        Assert.That(state.Options, Is.EqualTo(Options));
    }

    [Test]
    public void CorporaWithoutDocumentsCanNeitherBePackedNorHeldOut()
    {
        using var backend = new CpuBackend();
        using var model = new LanguageModel(backend, SmallRun.Config("rope"));
        using TrainingData data = SmallRun.Data();

        Assert.That(() => new Trainer(model, data, Options with { HeldOut = 0 }), Throws.TypeOf<BipeException>().With.Message.Contains("--packing documents"));
        Assert.That(() => new Trainer(model, data, SmallRun.Options(1) with { HeldOut = 0.5 }), Throws.TypeOf<BipeException>().With.Message.Contains("held out"));
        Assert.That(() => new Trainer(model, data, SmallRun.Options(1) with { HeldOut = 1 }), Throws.TypeOf<BipeException>().With.Message.Contains("--hold-out is 1"));
        Assert.That(() => new TrainingData(data.Sources, [1, 2]), Throws.TypeOf<BipeException>().With.Message.Contains("2 weights for 1 corpora"));
    }

    [Test]
    public void BlocksOfEachCorpusHaveTheIdsOfItsOwnSegmenter()
    {
        using var backend = new CpuBackend();
        ModelConfig config = SmallRun.Config("bipe_rope") with { NamedSegmenters = Words(new SegmenterConfig { Tokens = [' '] }) };
        using var model = new LanguageModel(backend, config);
        Initialiser.Initialise(model, 1);
        using TrainingData data = Data();
        using var trainer = new Trainer(model, data, SmallRun.Options(1) with { BatchSize = 6 });
        ISegmenter[] bySource = [new SeparatorSegmenter(['\n']), new SeparatorSegmenter([' '])];
        var tokens = new int[6 * SmallRun.TrainLength];
        int[] sources = [.. Enumerable.Range(0, 6).Select(row => trainer.Blocks.ReadBlock(row, tokens.AsSpan(row * SmallRun.TrainLength, SmallRun.TrainLength)))];
        var rows = new TokenBatch(tokens, 6, config.PadTokenId!.Value) { Segmenters = [.. sources.Select(source => source == 0 ? null : bySource[1])] };

        PositionStreams positions = model.PositionsOf(rows);
        Assert.That(sources, Does.Contain(0).And.Contain(1));
        foreach ((int row, int source) in sources.Index())
        {
            var alone = new PositionStreams(tokens.AsSpan(row * SmallRun.TrainLength, SmallRun.TrainLength), 1, SmallRun.TrainLength, bySource[source]);
            foreach (PositionStream stream in Enum.GetValues<PositionStream>())
            {
                Assert.That(positions[stream].Slice(row * SmallRun.TrainLength, SmallRun.TrainLength).ToArray(), Is.EqualTo(alone[stream].ToArray()));
            }
        }

        double expected = MeanLoss(rows);
        Assert.That(expected, Is.Not.EqualTo(MeanLoss(new TokenBatch(tokens, 6, config.PadTokenId.Value))));
        Assert.That(trainer.RunStep().Loss, Is.EqualTo(expected), "the step's loss is that of these ids");

        double MeanLoss(TokenBatch batch)
        {
            using var tape = new Tape(backend, isRecording: false);
            return backend.ReadDoubles(model.Losses(tape, batch)).Sum() / batch.LabelCount;
        }
    }

    [Test]
    public void NamingTheModelsOwnSegmenterChangesNoBit()
    {
        using var plain = new TemporaryFolder();
        using var named = new TemporaryFolder();
        using var backend = new CpuBackend();
        ModelConfig config = SmallRun.Config("bipe_rope");
        SmallRun.Go(backend, plain.Path, config, Options, openData: () => Data());
        SmallRun.Go(backend, named.Path, config with { NamedSegmenters = Words(config.Segmenter!) }, Options, openData: () => Data());
        Assert.That(SmallRun.FinalModel(named.Path), Is.EqualTo(SmallRun.FinalModel(plain.Path)));
    }

    [TestCase("bipe_rope")]
    [TestCase("randomized_rope")]
    [TestCase("bipe_cope")]
    public void ARunWithASegmenterOfACorpusResumesBitForBitAndRefusesAnother(string encoding)
    {
        using var whole = new TemporaryFolder();
        using var stopped = new TemporaryFolder();
        using var backend = new CpuBackend();
        ModelConfig config = SmallRun.Config(encoding) with { NamedSegmenters = Words(new SegmenterConfig { Type = Segmenters.FixedLength, Length = 5 }) };
        SmallRun.Go(backend, whole.Path, config, Options, openData: () => Data());
        SmallRun.Go(backend, stopped.Path, config, Options, stopAfter: 5, openData: () => Data());

        string file = Path.Combine(TrainingCheckpoint.Latest(stopped.Path)!, ModelConfigReader.FileName);
        string saved = File.ReadAllText(file);
        File.WriteAllText(file, saved.Replace("\"length\": 5", "\"length\": 6", StringComparison.Ordinal));
        Assert.That(
            () => SmallRun.Go(backend, stopped.Path, config, Options, openData: () => Data()),
            Throws.TypeOf<BipeException>().With.Message.Contains("its segmenter of 'words' is fixed:5, this run's is fixed:6"));

        File.WriteAllText(file, saved);
        Assert.That(SmallRun.Go(backend, stopped.Path, config, Options, openData: () => Data()), Is.True);
        Assert.That(SmallRun.FinalModel(stopped.Path), Is.EqualTo(SmallRun.FinalModel(whole.Path)));
        Assert.That(SmallRun.FinalMoments(stopped.Path), Is.EqualTo(SmallRun.FinalMoments(whole.Path)));
    }

    [Test]
    public void AnEvaluatorWithASegmenterScoresAsAModelThatHasIt()
    {
        using var backend = new CpuBackend();
        var segmenter = new SegmenterConfig { Tokens = [' '] };
        ModelConfig config = SmallRun.Config("bipe_alibi");
        using LanguageModel model = New(config);
        using LanguageModel other = New(config with { Segmenter = segmenter });
        using TrainingData data = Data();
        var text = (IDocumentSource)data.Sources[1].Tokens;
        foreach (int chunk in new[] { 1024, 16 })
        {
            PerplexityEvaluator[] evaluators =
            [
                new(other) { ChunkTokens = chunk }, new(model) { ChunkTokens = chunk, Segmenter = Segmenters.Create(segmenter) }, new(model) { ChunkTokens = chunk },
            ];
            double[] losses = [.. evaluators.Select(evaluator => evaluator.Evaluate(text, 40, new ExactProtocol(), 2000).MeanLoss)];
            Assert.That(losses[1], Is.EqualTo(losses[0]));
            Assert.That(losses[2], Is.Not.EqualTo(losses[0]));
            int[] row = [.. TokensOf(text, 40)];
            Assert.That(evaluators[1].TokenLosses(row), Is.EqualTo(evaluators[0].TokenLosses(row)));
        }

        LanguageModel New(ModelConfig of)
        {
            var made = new LanguageModel(backend, of);
            Initialiser.Initialise(made, 1);
            return made;
        }

        static int[] TokensOf(ITokenSource source, int count)
        {
            var tokens = new int[count];
            source.Read(0, tokens);
            return tokens;
        }
    }

    [Test]
    public void SegmentersThatDoNotFitTheRowsAreRefused()
    {
        Assert.That(() => new TokenBatch([1, 2, 3, 4], 2) { Segmenters = [null] }, Throws.ArgumentException);
        Assert.That(() => new PositionStreams([1, 2, 3, 4], 2, 2, [new SeparatorSegmenter([1])]), Throws.ArgumentException);
    }

    private static Dictionary<string, SegmenterConfig> Words(SegmenterConfig segmenter) => new() { ["words"] = segmenter };

    private static TrainingData Data(params decimal[] weights) => new(
        [Source("lines", "a", i => $"line {i % 10} says {(i * 7) % 10}\n"), Source("words", "b", i => $"word {i % 7}. ")], weights.Length == 0 ? [2, 1] : weights);

    /// <summary>Documents of one to five pieces.</summary>
    private static TrainingSource Source(string name, string path, Func<int, string> piece)
    {
        var tokenizer = new ByteTokenizer();
        var tokens = new List<int>();
        var starts = new List<int>();
        for (int i = 0; i < 300; i++)
        {
            starts.Add(tokens.Count);
            tokens.Add(tokenizer.BeginOfSentence);
            tokenizer.Encode(string.Concat(Enumerable.Range(i, 1 + (i % 5)).Select(piece)), tokens);
        }

        return new TrainingSource(name, new DocumentArray([.. tokens], [.. starts]), path, $"hash of {name}");
    }
}
