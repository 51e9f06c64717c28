using BiPE.Core.Autograd;
using BiPE.Core.Checkpoints;
using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Tests.Training;
using BiPE.Core.Training;
using BiPE.Cpu;
using BiPE.Testing;

namespace BiPE.Core.Tests.Model;

/// <summary>Whole models with CoPE, plain and over segments.</summary>
[TestFixture("cope")]
[TestFixture("bipe_cope")]
public sealed class CopeModelTests(string encoding)
{
    [Test]
    public void EveryParametersGradientMatchesFiniteDifferences([Values] Recompute recompute)
    {
        using var oracle = new ReferenceBackend();
        using var backend = new ValidatingBackend(oracle);
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config(encoding));
        model.Recompute = recompute;
        TokenBatch batch = TinyModels.Batch();
        using (var tape = new Tape(backend, isRecording: true))
        {
            model.Losses(tape, batch, 1.0 / batch.LabelCount);
            tape.Backward();
        }

        foreach (Parameter parameter in model.Parameters.Where(parameter => parameter.PaddingRow < 0))
        {
            GradientCheck.Check(parameter.Name, backend, parameter.Value, backend.ReadDoubles(parameter.Gradient), () => MeanLoss(model, batch), samples: 10);
        }

        double[] table = backend.ReadDoubles(model.Parameters.First(parameter => parameter.Name.StartsWith("model.cope.0", StringComparison.Ordinal)).Gradient);
        Assert.That(table.Max(Math.Abs), Is.GreaterThan(1e-6), "the table takes part");
    }

    [TestCase("reference", 1e-12)]
    [TestCase("cpu", 1e-4)]
    public void CachedKeysGiveTheLossesOfOnePass(string backendName, double tolerance)
    {
        using ITensorBackend backend = TestBackends.Create(backendName);
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config(encoding));
        var random = new Random(5);
        var row = new TokenBatch([.. Enumerable.Range(0, 40).Select(_ => random.Next(22))], 1);
        using var tape = new Tape(backend, isRecording: false);
        double[] whole = backend.ReadDoubles(model.Losses(tape, row));
        foreach (int chunk in (int[])[1, 7, 40])
        {
            Assert.That(model.LossesInChunks(row, chunk), Is.EqualTo(whole).Within(tolerance), $"chunks of {chunk}");
        }
    }

    [Test]
    public void WhatComesLaterChangesNothing()
    {
        using var backend = new ReferenceBackend();
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config(encoding));
        int[] tokens = [7, 9, 3, 8, 5, 5, 10, 11, 3, 9, 12, 6];
        double[] before = Losses(tokens);
        foreach (int replaced in (int[])[3, 13])
        {
            int[] other = [.. tokens];
            other[8] = replaced == 3 ? 13 : replaced;
            other[11] = replaced;
            Assert.That(Losses(other)[..7], Is.EqualTo(before[..7]));
        }

        double[] Losses(int[] row)
        {
            using var tape = new Tape(backend, isRecording: false);
            return backend.ReadDoubles(model.Losses(tape, new TokenBatch(row, 1)));
        }
    }

    [Test]
    public void BackendsAgree([Values("cpu", TestBackends.Simulated)] string backendName)
    {
        using var oracle = new ReferenceBackend();
        using LanguageModel expected = TinyModels.Create(oracle, TinyModels.Config(encoding));
        using ITensorBackend backend = TestBackends.Create(backendName);
        using LanguageModel model = TinyModels.Create(backend, TinyModels.Config(encoding));
        double[][] gradients = Gradients(expected);
        foreach ((int index, double[] found) in Gradients(model).Index())
        {
            Assert.That(found, Is.EqualTo(gradients[index]).Within(2e-5 * Math.Max(1e-2, gradients[index].Max(Math.Abs))), model.Parameters[index].Name);
        }

        static double[][] Gradients(LanguageModel model)
        {
            TokenBatch batch = TinyModels.Batch();
            using var tape = new Tape(model.Backend, isRecording: true);
            model.Losses(tape, batch, 1.0 / batch.LabelCount);
            tape.Backward();
            return [.. model.Parameters.Select(parameter => model.Backend.ReadDoubles(parameter.Gradient))];
        }
    }

    [Test]
    public void ATrainingThatStopsEndsWithTheSameBitsAndLearns()
    {
        using var folder = new TemporaryFolder();
        using ITensorBackend backend = new CpuBackend(new CpuBackendOptions { Threads = 2 });
        TrainingOptions options = SmallRun.Options(30) with { BatchSize = 4, LearningRate = 1e-2 };
        Assert.That(SmallRun.Go(backend, folder.At("straight"), encoding, options), Is.True);
        Assert.That(SmallRun.Go(backend, folder.At("stopped"), encoding, options, stopAfter: 11), Is.False);
        Assert.That(SmallRun.Go(backend, folder.At("stopped"), encoding, options), Is.True);
        Assert.That(SmallRun.FinalModel(folder.At("stopped")), Is.EqualTo(SmallRun.FinalModel(folder.At("straight"))));
        using LanguageModel model = HuggingFaceFolder.Load(backend, folder.At("straight"));
        using TrainingData data = SmallRun.Data();
        var tokens = new int[64];
        data.Sources[0].Tokens.Read(0, tokens);
        Assert.That(MeanLoss(model, new TokenBatch(tokens, 2)), Is.LessThan(3), "of 5.6 at first");
    }

    [Test]
    public void TheMemoryPlanKnowsTablesAndScores([Values] Recompute recompute)
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        ModelConfig config = SmallRun.Config(encoding) with { HiddenSize = 64, IntermediateSize = 160, LayerCount = 3, TrainScale = 256 };
        using var model = new LanguageModel(backend, config);
        Initialiser.Initialise(model, 1);
        using TrainingData data = SmallRun.Data();
        using var trainer = new Trainer(model, data, SmallRun.Options(2) with { BatchSize = 4, Recompute = recompute });
        trainer.RunStep();
        trainer.RunStep();
        MemoryPlan plan = MemoryPlan.ForTraining(config, 4, recompute);
        Assert.That(plan.Parameters, Is.EqualTo(4 * model.ParameterCount));
        Assert.That((double)backend.Memory.Peak / plan.Total, Is.EqualTo(1).Within(0.1), $"peak {backend.Memory.Peak}, plan {plan.Total}");
    }

    [Test]
    public void LogScaleIsRefused() => Assert.That(
        () => new LanguageModel(new ReferenceBackend(), TinyModels.Config(encoding) with { LogScale = true }),
        Throws.TypeOf<BipeException>().With.Message.Contains("log_scale is set"));

    private static double MeanLoss(LanguageModel model, TokenBatch batch)
    {
        using var tape = new Tape(model.Backend, isRecording: false);
        return model.Backend.ReadDoubles(model.Losses(tape, batch)).Sum() / batch.LabelCount;
    }
}
