using BiPE.Core.Data;
using BiPE.Core.Model;
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
