using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Training;
using BiPE.Cpu;
using BiPE.Testing;

namespace BiPE.Core.Tests.Training;

/// <summary>Encodings with learned numbers, tables of pairs and random positions in whole trainings.</summary>
public sealed class EncodingTrainingTests
{
    [TestCase("fire")]
    [TestCase("bipe_kerple+rotary")]
    [TestCase("randomized_rope")]
    [TestCase("bipe_randomized_alibi")]
    public void StoppingChangesNoBitAndTheModelLearns(string encoding)
    {
        using var folder = new TemporaryFolder();
        using ITensorBackend backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        TrainingOptions options = SmallRun.Options(8);
        Assert.That(SmallRun.Go(backend, folder.At("straight"), encoding, options), Is.True);
        Assert.That(SmallRun.Go(backend, folder.At("stopped"), encoding, options, stopAfter: 3), Is.False);
        Assert.That(SmallRun.Go(backend, folder.At("stopped"), encoding, options), Is.True);
        Assert.That(SmallRun.FinalModel(folder.At("stopped")), Is.EqualTo(SmallRun.FinalModel(folder.At("straight"))));
        Assert.That(SmallRun.FinalMoments(folder.At("stopped")), Is.EqualTo(SmallRun.FinalMoments(folder.At("straight"))));
    }

    [Test]
    public void RandomPositionsChangeTheModelAndRefuseSkips()
    {
        using var folder = new TemporaryFolder();
        using ITensorBackend backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        SmallRun.Go(backend, folder.At("plain"), "rope", SmallRun.Options(3));
        SmallRun.Go(backend, folder.At("random"), "randomized_rope", SmallRun.Options(3));
        Assert.That(SmallRun.FinalModel(folder.At("random")), Is.Not.EqualTo(SmallRun.FinalModel(folder.At("plain"))));
        Assert.That(
            () => SmallRun.Go(backend, folder.At("both"), "randomized_rope", SmallRun.Options(3) with { PoseLength = 64 }),
            Throws.TypeOf<BipeException>().With.Message.Contains("randomized_rope draws the positions of training itself"));
    }

    [Test]
    public void TheMemoryPlanForeseesATableOfPairs()
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        ModelConfig config = SmallRun.Config("fire") with { TrainScale = 128 };
        using var model = new LanguageModel(backend, config);
        Initialiser.Initialise(model, 1);
        using TrainingData data = SmallRun.Data();
        using var trainer = new Trainer(model, data, SmallRun.Options(2) with { BatchSize = 8 });
        trainer.RunStep();
        trainer.RunStep();
        long plan = MemoryPlan.ForTraining(config, 8, Recompute.None).Total;
        Assert.That((double)backend.Memory.Peak / plan, Is.EqualTo(1).Within(0.1), $"peak {backend.Memory.Peak}, plan {plan}");
    }
}
