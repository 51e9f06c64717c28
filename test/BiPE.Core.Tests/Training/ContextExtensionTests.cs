using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Training;
using BiPE.Cpu;
using BiPE.Testing;

namespace BiPE.Core.Tests.Training;

/// <summary>Training with scaled rotary frequencies, blocks of another length, and positions that skip.</summary>
public sealed class ContextExtensionTests
{
    private const long Steps = 8;

    [Test]
    public void StoppingChangesNoBit([Values("rope", "bipe_rope")] string encoding, [Values(null, 48)] int? blockLength, [Values(null, 200)] int? poseLength)
    {
        TrainingOptions options = SmallRun.Options(Steps) with { BlockLength = blockLength, PoseLength = poseLength, GradientAccumulation = 2 };
        ModelConfig config = Scaled(encoding);
        using var folder = new TemporaryFolder();
        using ITensorBackend backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        Assert.That(SmallRun.Go(backend, folder.At("straight"), config, options), Is.True);
        Assert.That(SmallRun.Go(backend, folder.At("stopped"), config, options, stopAfter: 3), Is.False);
        Assert.That(SmallRun.Go(backend, folder.At("stopped"), config, options), Is.True);
        Assert.That(SmallRun.FinalModel(folder.At("stopped")), Is.EqualTo(SmallRun.FinalModel(folder.At("straight"))));
        Assert.That(SmallRun.FinalMoments(folder.At("stopped")), Is.EqualTo(SmallRun.FinalMoments(folder.At("straight"))));
        Assert.That(ModelConfigReader.Read(folder.At("stopped")).RotaryScaling, Is.EqualTo(config.RotaryScaling), "the scaling is the model's");
    }

    [Test]
    public void BlocksAreAsLongAsAskedAndSkipsChangeTheModel()
    {
        using var folder = new TemporaryFolder();
        using ITensorBackend backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        TrainingOptions plain = SmallRun.Options(Steps);
        TrainingOptions[] all = [plain, plain with { BlockLength = 48 }, plain with { PoseLength = 200 }, plain with { PoseLength = 300 }];
        foreach ((int index, TrainingOptions options) in all.Index())
        {
            SmallRun.Go(backend, folder.At($"{index}"), Scaled("rope"), options);
            Assert.That(
                TrainingCheckpoint.ReadState(TrainingCheckpoint.Latest(folder.At($"{index}"))!).TokensSeen,
                Is.EqualTo(Steps * 2 * (options.BlockLength ?? SmallRun.TrainLength)));
        }

        string[] models = [.. all.Select((_, index) => Convert.ToHexString(SmallRun.FinalModel(folder.At($"{index}"))))];
        Assert.That(models, Is.Unique);
    }

    [Test]
    public void OtherBlocksOrSkipsAreRefusedAtAResume()
    {
        using var folder = new TemporaryFolder();
        using ITensorBackend backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        TrainingOptions options = SmallRun.Options(Steps) with { PoseLength = 200 };
        SmallRun.Go(backend, folder.Path, Scaled("rope"), options, stopAfter: 2);
        Refuses(options with { PoseLength = null }, "its --pose-length is 200, this run's is absent");
        Refuses(options with { BlockLength = 48 }, "its --block-size is train_scale, this run's is 48");

        void Refuses(TrainingOptions other, string sentence) => Assert.That(
            () => SmallRun.Go(backend, folder.Path, Scaled("rope"), other), Throws.TypeOf<BipeException>().With.Message.Contains(sentence));
    }

    [Test]
    public void SkipsThatMakeNoSenseAreRefused()
    {
        Refuses(SmallRun.Config("rope"), 32, "--pose-length is 32, expected more than the 32 tokens of a block");
        Refuses(SmallRun.Config("rope"), 1, "--pose-length is 1, expected at least 2");
        Refuses(SmallRun.Config("alibi"), 64, "the model's encoding alibi rotates nothing");
        Refuses(SmallRun.Config("rope") with { RotaryScaling = new RotaryScalingConfig("dynamic", 2) }, 64, "dynamic scaling follows the length of the text");

        static void Refuses(ModelConfig config, int length, string sentence)
        {
            using var folder = new TemporaryFolder();
            using ITensorBackend backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
            TrainingOptions options = SmallRun.Options(2) with { PoseLength = length };
            Assert.That(() => SmallRun.Go(backend, folder.Path, config, options), Throws.TypeOf<BipeException>().With.Message.Contains(sentence));
        }
    }

    private static ModelConfig Scaled(string encoding) => new RotaryScalingOverride("yarn", 8).ApplyTo(SmallRun.Config(encoding), "a model");
}
