using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Training;
using BiPE.Cpu;
using BiPE.Testing;

namespace BiPE.Core.Tests.Training;

/// <summary>A run that was stopped and resumed ends with the bits of one that was not.</summary>
public sealed class ResumeTests
{
    private const long Steps = 12;

    [Test]
    public void StoppingAnywhereChangesNoBit(
        [Values("bipe_rope", "alibi")] string encoding, [Values(1, 2)] int accumulation, [Values(Recompute.None, Recompute.Layers)] Recompute recompute)
    {
        TrainingOptions options = SmallRun.Options(Steps) with { GradientAccumulation = accumulation, Recompute = recompute };
        using var folder = new TemporaryFolder();
        using ITensorBackend backend = new CpuBackend(new CpuBackendOptions { Threads = 2, ChecksMemory = true });
        Assert.That(SmallRun.Go(backend, folder.At("straight"), encoding, options), Is.True);
        foreach (long stop in new long[] { 1, 5, 11 })
        {
            string output = folder.At($"stopped-{stop}");
            Assert.That(SmallRun.Go(backend, output, encoding, options, stop), Is.False, "stops");
            Assert.That(TrainingCheckpoint.ReadState(TrainingCheckpoint.Latest(output)!).Step, Is.EqualTo(stop));
            using ITensorBackend other = new CpuBackend(new CpuBackendOptions { Threads = 1 });
            Assert.That(SmallRun.Go(other, output, encoding, options), Is.True, "goes on");
            Assert.That(SmallRun.FinalModel(output), Is.EqualTo(SmallRun.FinalModel(folder.At("straight"))), $"weights, stopped after {stop}");
            Assert.That(SmallRun.FinalMoments(output), Is.EqualTo(SmallRun.FinalMoments(folder.At("straight"))), $"moments, stopped after {stop}");
        }
    }

    [Test]
    public void RecomputingChangesNoBit([Values(Recompute.FeedForward, Recompute.Layers)] Recompute recompute)
    {
        using var folder = new TemporaryFolder();
        using ITensorBackend backend = new CpuBackend(new CpuBackendOptions { Threads = 2 });
        SmallRun.Go(backend, folder.At("kept"), "bipe_rope", SmallRun.Options(Steps));
        SmallRun.Go(backend, folder.At("recomputed"), "bipe_rope", SmallRun.Options(Steps) with { Recompute = recompute });
        Assert.That(SmallRun.FinalModel(folder.At("recomputed")), Is.EqualTo(SmallRun.FinalModel(folder.At("kept"))));
    }

    [Test]
    public void OldCheckpointsGoAndTheNewestStay()
    {
        using var folder = new TemporaryFolder();
        using ITensorBackend backend = new CpuBackend();
        SmallRun.Go(backend, folder.Path, "rope", SmallRun.Options(6), saveEvery: 1);
        Assert.That(
            Directory.GetDirectories(folder.Path).Select(Path.GetFileName).Order(), Is.EqualTo(new[] { "checkpoint-00000005", "checkpoint-00000006" }));
        Assert.That(Directory.GetFiles(folder.Path, "*.tmp*", SearchOption.AllDirectories), Is.Empty);
    }

    [Test]
    public void CheckpointsStandInTheOrderOfTheirSteps()
    {
        using var folder = new TemporaryFolder();
        string[] names = ["checkpoint-00000007", "checkpoint-99999999", "checkpoint-100000000", "checkpoint-old"];
        Array.ForEach(names, name => Directory.CreateDirectory(folder.At(name)));
        Assert.That(TrainingCheckpoint.Latest(folder.Path), Is.EqualTo(folder.At("checkpoint-100000000")));
        TrainingCheckpoint.Prune(folder.Path, 1);
        Assert.That(
            Directory.GetDirectories(folder.Path).Select(Path.GetFileName), Is.EquivalentTo(new[] { "checkpoint-100000000", "checkpoint-old" }));
    }

    [Test]
    public void TheModelsOwnBlockLengthMayBeNamedAndAnotherIsRefused()
    {
        using var folder = new TemporaryFolder();
        using ITensorBackend backend = new CpuBackend();
        SmallRun.Go(backend, folder.Path, "rope", SmallRun.Options(6), stopAfter: 2);
        Assert.That(
            () => SmallRun.Go(backend, folder.Path, "rope", SmallRun.Options(6) with { BlockLength = 16 }),
            Throws.TypeOf<BipeException>().With.Message.Contains("its --block-size is train_scale, this run's is 16"));
        SmallRun.Go(backend, folder.Path, "rope", SmallRun.Options(6) with { BlockLength = SmallRun.TrainLength }, stopAfter: 4);
        Assert.That(SmallRun.Go(backend, folder.Path, "rope", SmallRun.Options(6)), Is.True);
    }

    [Test]
    public void AnotherSeedBatchOrDataIsRefused()
    {
        using var folder = new TemporaryFolder();
        using ITensorBackend backend = new CpuBackend();
        SmallRun.Go(backend, folder.Path, "rope", SmallRun.Options(6), stopAfter: 2);
        Assert.That(
            () => SmallRun.Go(backend, folder.Path, "rope", SmallRun.Options(6) with { Seed = 2 }),
            Throws.TypeOf<BipeException>().With.Message.Contains("its --seed is 1, this run's is 2"));
        Assert.That(
            () => SmallRun.Go(backend, folder.Path, "rope", SmallRun.Options(6) with { BatchSize = 3 }),
            Throws.TypeOf<BipeException>().With.Message.Contains("--batch-size"));
    }

    [Test]
    public void DamagedCheckpointsAreOneClearError()
    {
        using var folder = new TemporaryFolder();
        using ITensorBackend backend = new CpuBackend();
        SmallRun.Go(backend, folder.Path, "rope", SmallRun.Options(6), stopAfter: 2);
        string checkpoint = TrainingCheckpoint.Latest(folder.Path)!;
        foreach (string file in new[] { "model.safetensors", "optimizer.safetensors", "training_state.json", "config.json" })
        {
            string path = Path.Combine(checkpoint, file);
            byte[] whole = File.ReadAllBytes(path);
            File.WriteAllBytes(path, whole[..(whole.Length / 2)]);
            Assert.That(
                () => SmallRun.Go(backend, folder.Path, "rope", SmallRun.Options(6)),
                Throws.TypeOf<BipeException>().With.Message.Contains(file), file);
            File.WriteAllBytes(path, whole);
        }

        Assert.That(SmallRun.Go(backend, folder.Path, "rope", SmallRun.Options(6)), Is.True, "whole again");
    }

    [Test]
    public void AnOutputThatIsAFileIsOneClearError()
    {
        using var folder = new TemporaryFolder();
        using ITensorBackend backend = new CpuBackend();
        string file = folder.Write("occupied", "a file");
        Assert.That(() => SmallRun.Go(backend, file, "rope", SmallRun.Options(2)), Throws.TypeOf<BipeException>().With.Message.Contains("occupied"));
        Assert.That(Directory.GetFileSystemEntries(folder.Path), Has.Length.EqualTo(1));
    }
}
