using System.Text.Json.Nodes;
using BiPE.Core.Checkpoints;
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
            stop);

        Assert.That(isFinished, Is.False);
        Assert.That(TrainingCheckpoint.ReadState(TrainingCheckpoint.Latest(folder.Path)!).Step, Is.EqualTo(3));
    }

    [Test]
    public void AStoppedEvaluationIsMadeUpForAtTheResume([Values(3, 7)] int stoppedAt)
    {
        using var folder = new TemporaryFolder();
        var steps = new List<long>();
        using (var stop = new CancellationTokenSource())
        {
            bool isFinished = Run(
                folder.Path,
                trainer => token =>
                {
                    if (trainer.Step == stoppedAt)
                    {
                        stop.Cancel();
                        token.ThrowIfCancellationRequested();
                    }

                    steps.Add(trainer.Step);
                    return [];
                },
                stop);
            Assert.That(isFinished, Is.False);
        }

        Assert.That(Run(folder.Path, Remembering), Is.True);
        Assert.That(steps, Is.EqualTo(new long[] { 3, 6, 7 }));
        Assert.That(File.Exists(folder.At("model.safetensors")));
        Assert.That(Run(folder.Path, Remembering), Is.True, "nothing is left to do");
        Assert.That(steps, Has.Count.EqualTo(3));

        Func<CancellationToken, IReadOnlyList<TrainingScalar>> Remembering(Trainer trainer) => _ =>
        {
            steps.Add(trainer.Step);
            return [];
        };
    }

    [Test]
    public void AStopBeforeAnEvaluationPutsItOffToo()
    {
        using var folder = new TemporaryFolder();
        var steps = new List<long>();
        using var stop = new CancellationTokenSource();
        Assert.That(Run(folder.Path, Remembering, stop, stopAfter: 3), Is.False);
        Assert.That(steps, Is.Empty);
        Assert.That(Run(folder.Path, Remembering), Is.True);
        Assert.That(steps, Is.EqualTo(new long[] { 3, 6, 7 }));

        Func<CancellationToken, IReadOnlyList<TrainingScalar>> Remembering(Trainer trainer) => _ =>
        {
            steps.Add(trainer.Step);
            return [];
        };
    }

    [Test]
    public void TheLogOfAResumedRunIsThatOfOneNeverStopped([Values(1, 3, 5, 6)] int stopAfter)
    {
        using var folder = new TemporaryFolder();
        using var straight = new RememberingLog();
        Run(folder.At("straight"), _ => _ => [], log: straight);
        using var stopped = new RememberingLog();
        using var stop = new CancellationTokenSource();
        Run(folder.At("stopped"), _ => _ => [], stop, stopAfter, stopped);
        Run(folder.At("stopped"), _ => _ => [], log: stopped);
        Assert.That(stopped.Losses, Is.EqualTo(straight.Losses));
        Assert.That(straight.Losses.Select(loss => loss.Step), Is.EqualTo(new long[] { 4, 7 }));
    }

    [Test]
    public void CheckpointsOfOlderVersionsGoOn()
    {
        using var folder = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        Run(folder.Path, _ => _ => [], stop, stopAfter: 3);
        string path = Path.Combine(TrainingCheckpoint.Latest(folder.Path)!, "training_state.json");
        JsonObject state = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        Assert.That(state.Remove("Unlogged") && state.Remove("IsEvaluationDue"));
        File.WriteAllText(path, state.ToJsonString());
        using var log = new RememberingLog();
        Assert.That(Run(folder.Path, _ => _ => [], log: log), Is.True);
        Assert.That(log.Losses.Select(loss => loss.Step), Is.EqualTo(new long[] { 4, 7 }));
    }

    [Test]
    public void AnIntervalOrNumberOfNoStepsIsRefused()
    {
        Assert.That(() => new TrainingRunOptions { Output = "run", LogEvery = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("LogEvery"));
        Assert.That(
            () => new TrainingRunOptions { Output = "run", KeptCheckpoints = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("KeptCheckpoints"));
    }

    [Test]
    public void WhatAKilledProcessLeftOfACheckpointGoes()
    {
        using var folder = new TemporaryFolder();
        folder.Write("checkpoint-00000009.1.tmp/model.safetensors", "half");
        Run(folder.Path, _ => _ => []);

        Assert.That(Directory.GetDirectories(folder.Path).Select(Path.GetFileName), Is.EqualTo(new[] { "checkpoint-00000007" }));
    }

    /// <summary>A run from the start, or on from the newest checkpoint.</summary>
    private static bool Run(
        string output, Func<Trainer, Func<CancellationToken, IReadOnlyList<TrainingScalar>>> evaluation, CancellationTokenSource? stop = null,
        long stopAfter = 0, ITrainingLog? log = null)
    {
        string? checkpoint = TrainingCheckpoint.Latest(output);
        using ITensorBackend backend = new CpuBackend();
        using TrainingData data = SmallRun.Data();
        using LanguageModel model = checkpoint is null ? new LanguageModel(backend, SmallRun.Config("rope")) : HuggingFaceFolder.Load(backend, checkpoint);
        using var trainer = new Trainer(model, data, SmallRun.Options(7));
        if (checkpoint is null)
        {
            Initialiser.Initialise(model, 1);
        }
        else
        {
            TrainingCheckpoint.RestoreOptimizer(checkpoint, trainer, TrainingCheckpoint.ReadState(checkpoint));
        }

        var options = new TrainingRunOptions { Output = output, SaveEvery = 0, EvaluateEvery = 3, LogEvery = 4 };
        return new TrainingRun(trainer, new ByteTokenizer(), data, log is null ? [] : [log], options)
        {
            Evaluation = evaluation(trainer),
            Progress = new Stopper(stopAfter, stop),
        }.Run(stop?.Token ?? default);
    }

    private sealed class Stopper(long stopAfter, CancellationTokenSource? stop) : IProgress<StepReport>
    {
        public void Report(StepReport value)
        {
            if (value.Step == stopAfter)
            {
                stop?.Cancel();
            }
        }
    }

    /// <summary>Keeps what does not depend on the time.</summary>
    private sealed class RememberingLog : ITrainingLog
    {
        public List<(long Step, double Loss, double GradientNorm)> Losses { get; } = [];

        public void Write(TrainingLogEntry entry)
        {
            if (entry.Scalars.Count > 0)
            {
                Losses.Add((entry.Step, Of("train/loss"), Of("train/gradient_norm")));
            }

            double Of(string name) => entry.Scalars.Single(scalar => scalar.Tag == name).Value;
        }

        public void Dispose()
        {
        }
    }
}
