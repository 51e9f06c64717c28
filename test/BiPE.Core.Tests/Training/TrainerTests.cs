using BiPE.Core.Autograd;
using BiPE.Core.Data;
using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Training;
using BiPE.Cpu;

namespace BiPE.Core.Tests.Training;

public sealed class TrainerTests
{
    private static readonly string[] Encodings = ["rope", "alibi", "bipe_rope", "bipe_alibi"];

    [TestCaseSource(nameof(Encodings))]
    public void TwoHundredStepsLearnThePattern(string encoding)
    {
        using var backend = new CpuBackend();
        using LanguageModel model = New(backend, encoding);
        using TrainingData data = SmallRun.Data();
        using var trainer = new Trainer(model, data, SmallRun.Options(200) with { BatchSize = 8, LearningRate = 1e-2 });
        double first = trainer.RunStep().Loss;
        double last = 0;
        while (trainer.Step < 200)
        {
            last = trainer.RunStep().Loss;
        }

        Assert.That(first, Is.EqualTo(Math.Log(264)).Within(0.1), "at first every byte is as likely");
        Assert.That(last, Is.LessThan(0.5));
    }

    [Test]
    public void LossesThatAreNoNumbersStopBeforeTheStep()
    {
        using var backend = new CpuBackend();
        using LanguageModel model = New(backend, "bipe_rope");
        using TrainingData data = SmallRun.Data();
        using var trainer = new Trainer(model, data, SmallRun.Options(10));
        trainer.RunStep();
        Parameter norm = model.Parameters.First(parameter => parameter.Role == ParameterRole.Norm);
        backend.Fill(norm.Value, double.NaN);
        float[] before = backend.ReadFloats(model.Parameters[0].Value);
        Assert.That(trainer.RunStep, Throws.TypeOf<BipeException>().With.Message.Contains("diverged at step 2"));
        Assert.That(backend.ReadFloats(model.Parameters[0].Value), Is.EqualTo(before));
        Assert.That(trainer.Step, Is.EqualTo(1));
    }

    [Test]
    public void AccumulatedBatchesMakeTheStepOfTheWhole()
    {
        using var backend = new BiPE.Testing.ReferenceBackend();
        double[] whole = AfterOneStep(4, 1);
        Assert.That(AfterOneStep(2, 2), Is.EqualTo(whole).Within(1e-11));
        Assert.That(AfterOneStep(1, 4), Is.EqualTo(whole).Within(1e-11));

        double[] AfterOneStep(int batchSize, int accumulation)
        {
            using LanguageModel model = New(backend, "bipe_rope");
            using TrainingData data = SmallRun.Data();
            using var trainer = new Trainer(
                model, data, SmallRun.Options(4) with { BatchSize = batchSize, GradientAccumulation = accumulation, WarmupSteps = 0 });
            trainer.RunStep();
            return backend.ReadDoubles(model.Parameters[1].Value);
        }
    }

    [Test]
    public void AStepAllocatesNothingOfTheSystemAndLittleOfTheCollector()
    {
        const int Warm = 5;
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        using LanguageModel model = New(backend, "bipe_rope");
        using TrainingData data = SmallRun.Data();
        using var trainer = new Trainer(model, data, SmallRun.Options(20));
        for (int i = 0; i < Warm; i++)
        {
            trainer.RunStep();
        }

        long reserved = backend.Memory.Reserved;
        long before = GC.GetAllocatedBytesForCurrentThread();
        trainer.RunStep();
        long managed = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.That(backend.Memory.Reserved, Is.EqualTo(reserved));

        // Nodes and views of two layers, and the ids and losses of 64 tokens.
        Assert.That(managed, Is.LessThan(48 * 1024));
    }

    [Test]
    public void ABlockLongerThanTheDataIsRefused()
    {
        using var backend = new CpuBackend();
        using LanguageModel model = New(backend, "rope");
        Assert.That(
            () => new Trainer(model, new TrainingData(new TokenArray(new int[SmallRun.TrainLength - 1]), "short", ""), SmallRun.Options(2)),
            Throws.TypeOf<BipeException>().With.Message.Contains("32").And.Message.Contains("31"));
    }

    [Test]
    public void MoreBlocksOrTokensThanCanBeCountedAreRefused()
    {
        using var backend = new CpuBackend();
        using LanguageModel model = New(backend, "rope");
        using TrainingData data = SmallRun.Data();
        Assert.That(
            () => new Trainer(model, data, SmallRun.Options(2) with { BatchSize = 1 << 16, GradientAccumulation = 1 << 16 }),
            Throws.TypeOf<BipeException>().With.Message.EqualTo(
                "--batch-size times --gradient-accumulation is 4294967296, expected at most 2147483647 blocks a step."));
        Assert.That(
            () => new Trainer(model, data, SmallRun.Options(2) with { BatchSize = 1 << 27 }),
            Throws.TypeOf<BipeException>().With.Message.Contains("--batch-size 134217728 times --block-size 32 is 4294967296 tokens"));
    }

    [Test]
    public void TheMemoryPlanForeseesThePeak([Values] Recompute recompute)
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        ModelConfig config = SmallRun.Config("bipe_rope") with { HiddenSize = 64, IntermediateSize = 160, LayerCount = 4, TrainScale = 128 };
        using var model = new LanguageModel(backend, config);
        Initialiser.Initialise(model, 1);
        using TrainingData data = SmallRun.Data();
        using var trainer = new Trainer(model, data, SmallRun.Options(2) with { BatchSize = 8, Recompute = recompute });
        trainer.RunStep();
        trainer.RunStep();
        long plan = MemoryPlan.ForTraining(config, 8, recompute).Total;
        Assert.That((double)backend.Memory.Peak / plan, Is.EqualTo(1).Within(0.05), $"peak {backend.Memory.Peak}, plan {plan}");
    }

    private static LanguageModel New(ITensorBackend backend, string encoding)
    {
        var model = new LanguageModel(backend, SmallRun.Config(encoding));
        Initialiser.Initialise(model, 1);
        return model;
    }
}
