using BiPE.Core.Checkpoints;
using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Training;
using BiPE.Cpu;
using BiPE.Cuda;
using BiPE.Testing;

namespace BiPE.Core.Tests.Training;

/// <summary>Training in bfloat16 with float32 master weights, on the simulated device.</summary>
public sealed class CudaTrainingTests
{
    [Test]
    public void TheMemoryPlanForeseesThePeak([Values] Recompute recompute)
    {
        using var backend = new ValidatingBackend(SimulatedCuda.Open(CudaPrecision.BFloat16));
        ModelConfig config = SmallRun.Config("bipe_rope") with { HiddenSize = 64, IntermediateSize = 160, LayerCount = 3 };
        (_, long peak) = Train(backend, config, SmallRun.Options(2) with { BatchSize = 8, Recompute = recompute });
        long plan = MemoryPlan.ForTraining(config, 8, recompute, ElementType.BFloat16).Total;
        Assert.That((double)peak / plan, Is.EqualTo(1).Within(0.05), $"peak {peak}, plan {plan}");
    }

    [Test]
    public void RecomputingLayersGivesTheSameBits()
    {
        using var backend = new ValidatingBackend(SimulatedCuda.Open(CudaPrecision.BFloat16));
        TrainingOptions options = SmallRun.Options(2);
        (double[] kept, _) = Train(backend, SmallRun.Config("bipe_alibi"), options);
        (double[] again, _) = Train(backend, SmallRun.Config("bipe_alibi"), options with { Recompute = Recompute.Layers });
        Assert.That(again, Is.EqualTo(kept));
    }

    [Test]
    public void AccumulatedBatchesMakeTheStepOfTheWhole()
    {
        using var backend = new ValidatingBackend(SimulatedCuda.Open(CudaPrecision.BFloat16));
        TrainingOptions options = SmallRun.Options(1) with { WarmupSteps = 0 };
        (double[] whole, _) = Train(backend, SmallRun.Config("rope"), options with { BatchSize = 4 });
        (double[] parts, _) = Train(backend, SmallRun.Config("rope"), options with { BatchSize = 2, GradientAccumulation = 2 });

        // The first step of Adam has the size of the learning rate in the direction of the gradient's sign, unless that is tiny.
        Assert.That(parts.Zip(whole, (a, b) => Math.Abs(a - b)).Count(difference => difference > 1e-4), Is.LessThan(whole.Length / 100));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void ARunGoesOnOnTheOtherBackend(bool startsOnCuda)
    {
        using var folder = new TemporaryFolder();
        using var cuda = new ValidatingBackend(SimulatedCuda.Open(CudaPrecision.BFloat16));
        using var cpu = new CpuBackend();
        TrainingOptions options = SmallRun.Options(4);
        Assert.That(SmallRun.Go(startsOnCuda ? cuda : cpu, folder.At("mixed"), "bipe_rope", options, stopAfter: 2), Is.False);
        Assert.That(SmallRun.Go(startsOnCuda ? cpu : cuda, folder.At("mixed"), "bipe_rope", options), Is.True);
        SmallRun.Go(cpu, folder.At("whole"), "bipe_rope", options);
        double[] mixed = FinalWeights(folder.At("mixed"));
        double[] whole = FinalWeights(folder.At("whole"));

        // Four steps of Adam move a weight by at most four times the learning rate, in bfloat16 not always in the same direction.
        double distance = Math.Sqrt(mixed.Zip(whole, (a, b) => (a - b) * (a - b)).Sum() / whole.Length);
        Assert.That(distance, Is.LessThan(options.LearningRate / 2));

        double[] FinalWeights(string run)
        {
            using LanguageModel model = HuggingFaceFolder.Load(cpu, run);
            return [.. model.Parameters.SelectMany(parameter => cpu.ReadDoubles(parameter.Value))];
        }
    }

    private static (double[] Weights, long Peak) Train(ValidatingBackend backend, ModelConfig config, TrainingOptions options)
    {
        using var model = new LanguageModel(backend, config);
        Initialiser.Initialise(model, 1);
        using TrainingData data = SmallRun.Data();
        using var trainer = new Trainer(model, data, options);
        while (trainer.Step < options.MaxSteps)
        {
            trainer.RunStep();
        }

        return ([.. model.Parameters.SelectMany(parameter => backend.ReadDoubles(parameter.Master))], backend.Memory.Peak);
    }
}
