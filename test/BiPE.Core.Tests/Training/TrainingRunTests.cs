using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Tokenization;
using BiPE.Core.Training;
using BiPE.Core.Training.Logs;
using BiPE.Cpu;
using BiPE.Testing;

namespace BiPE.Core.Tests.Training;

public sealed class TrainingRunTests
{
    [Test]
    public void EvaluationComesAtItsStepsAndAfterTheLast()
    {
        using var folder = new TemporaryFolder();
        var steps = new List<long>();
        bool isFinished = Run(folder.Path, trainer => _ =>
        {
            steps.Add(trainer.Step);
            return [new TrainingScalar("eval/loss", 1)];
        });

        Assert.That(isFinished, Is.True);
        Assert.That(steps, Is.EqualTo(new long[] { 3, 6, 7 }));
    }

    [Test]
    public void AStopDuringAnEvaluationSavesTheSteps()
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        bool isFinished = Run(
            folder.Path,
            _ => token =>
            {
                stop.Cancel();
                token.ThrowIfCancellationRequested();
                return [];
            },
            stop.Token);

        Assert.That(isFinished, Is.False);
        Assert.That(TrainingCheckpoint.ReadState(TrainingCheckpoint.Latest(folder.Path)!).Step, Is.EqualTo(3));
    }

    [Test]
    public void WhatAKilledProcessLeftOfACheckpointGoes()
    {
        using var folder = new TemporaryFolder();
        folder.Write("checkpoint-00000009.1.tmp/model.safetensors", "half");
        Run(folder.Path, _ => _ => []);

        Assert.That(Directory.GetDirectories(folder.Path).Select(Path.GetFileName), Is.EqualTo(new[] { "checkpoint-00000007" }));
    }

    private static bool Run(
        string output, Func<Trainer, Func<CancellationToken, IReadOnlyList<TrainingScalar>>> evaluation, CancellationToken cancellation = default)
    {
        using ITensorBackend backend = new CpuBackend();
        using TrainingData data = SmallRun.Data();
        using var model = new LanguageModel(backend, SmallRun.Config("rope"));
        Initialiser.Initialise(model, 1);
        using var trainer = new Trainer(model, data, SmallRun.Options(7));
        var options = new TrainingRunOptions { Output = output, SaveEvery = 0, EvaluateEvery = 3 };
        return new TrainingRun(trainer, new ByteTokenizer(), data, [], options) { Evaluation = evaluation(trainer) }.Run(cancellation);
    }
}
