using System.Diagnostics;
using System.Text.Json;

namespace BiPE.Cli.Tests.Commands;

/// <summary>Trainings that end before their last step, by themselves or not, and go on.</summary>
internal sealed class TrainResumeTests : CommandTests
{
    private const int Steps = 800;
    private const string LastCheckpoint = "checkpoint-00000800";

    private string _reference = "";

    [OneTimeSetUp]
    public void TrainWithoutAStop()
    {
        _reference = Directory.CreateTempSubdirectory("bipe-cli-").FullName;
        string text = Path.Combine(_reference, "text.txt");
        File.WriteAllText(text, TinyTraining.Text);
        string config = Path.Combine(_reference, "config.json");
        File.WriteAllText(config, TinyTraining.Config());
        Bipe.Run(Arguments(config, text, Path.Combine(_reference, "run"))).RequireSuccess();
    }

    [OneTimeTearDown]
    public void RemoveReference() => Directory.Delete(_reference, recursive: true);

    [Test]
    [Platform(Exclude = "Win")]
    public void AnInterruptSavesAndNoBitChanges()
    {
        using Process process = Start("--log-every", "10");
        Task<string> error = process.StandardError.ReadToEndAsync();
        TinyTraining.WaitUntil(process, () => File.Exists(Log) && new FileInfo(Log).Length > 500);
        BipeProcess.Interrupt(process);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(process.ExitCode, Is.EqualTo(130), error.Result);
            Assert.That(error.Result, Does.Contain("Stopped").And.Contain($"bipe train --output {Output} --resume"));
            Assert.That(File.Exists(PathOf("run/model.safetensors")), Is.False, "not finished");
            Assert.That(Entries, Has.None.Contains(".tmp"));
        }

        RequireSameEnd();
    }

    [Test]
    public void AFolderIsForOneProcess()
    {
        using (Process process = Start("--log-every", "10"))
        {
            TinyTraining.WaitUntil(process, () => File.Exists(Log));
            BipeOutcome second = Bipe.Run(Arguments(PathOf("config.json"), PathOf("text.txt"), Output));
            process.Kill();
            process.WaitForExit();
            second.RequireError(1, "Another process writes into", Output, "choose another");
        }
    }

    [Test]
    public void AKillLosesOnlyStepsAndNoBitChanges()
    {
        using (Process process = Start("--save-every", "100", "--log-every", "7"))
        {
            TinyTraining.WaitUntil(process, () => Directory.Exists(PathOf("run/checkpoint-00000200")));
            process.Kill();
            process.WaitForExit();
        }

        // What a process leaves that is killed while it saves.
        Directory.CreateDirectory(PathOf("run/checkpoint-00000700.1.tmp"));
        File.AppendAllText(Log, "{\"step\":999999");
        RequireSameEnd();
    }

    [Test]
    public void ACheckpointThatIsCutOffIsRefused()
    {
        using (Process process = Start("--save-every", "100"))
        {
            TinyTraining.WaitUntil(process, () => Directory.Exists(PathOf("run/checkpoint-00000100")));
            process.Kill();
            process.WaitForExit();
        }

        string checkpoint = Directory.GetDirectories(Output, "checkpoint-*").Where(folder => !folder.EndsWith(".tmp", StringComparison.Ordinal)).Max(StringComparer.Ordinal)!;
        foreach (string file in (string[])["model.safetensors", "optimizer.safetensors", "training_state.json"])
        {
            string path = Path.Combine(checkpoint, file);
            byte[] whole = File.ReadAllBytes(path);
            File.WriteAllBytes(path, whole[..(whole.Length / 2)]);
            Resume().RequireError(1, file);
            File.WriteAllBytes(path, whole);
        }

        Resume("--batch-size", "3").RequireError(1, "--batch-size is 2, this run's is 3");
        File.WriteAllText(PathOf("run/run.json"), "{\"LogEvery\": 0}");
        Resume().RequireError(1, "run.json");
    }

    [Test]
    public void EvaluationGoesOnToo()
    {
        string text = Write("text.txt", TinyTraining.Text);
        string config = Write("config.json", TinyTraining.Config());
        Bipe.Run(Arguments(
            config, text, Output, "--max-steps", "10", "--eval-data", text, "--eval-max-tokens", "500", "--eval-every", "5")).RequireSuccess();
        Resume("--max-steps", "20").RequireSuccess();

        Assert.That(File.ReadLines(Log).Count(line => line.Contains("eval/perplexity", StringComparison.Ordinal)), Is.EqualTo(4));
    }

    [Test]
    public void AnEvaluationAfterTheLastStepThatWasStoppedIsMadeUpFor()
    {
        string text = Write("text.txt", TinyTraining.Text);
        string config = Write("config.json", TinyTraining.Config());
        Bipe.Run(Arguments(config, text, Output, "--max-steps", "4", "--eval-data", text, "--eval-max-tokens", "500")).RequireSuccess();

        // As a stop during the evaluation leaves it.
        string[] lines = File.ReadAllLines(Log);
        File.WriteAllLines(Log, lines[..^1]);
        string state = PathOf("run/checkpoint-00000004/training_state.json");
        File.WriteAllText(state, File.ReadAllText(state).Replace("\"IsEvaluationDue\": false", "\"IsEvaluationDue\": true", StringComparison.Ordinal));
        File.Delete(PathOf("run/model.safetensors"));
        BipeOutcome resumed = Resume().RequireSuccess();

        Assert.That(resumed.Error, Does.Contain("evaluation: loss"));
        Assert.That(File.ReadAllLines(Log), Is.EqualTo(lines));
        Assert.That(File.Exists(PathOf("run/model.safetensors")));
        Assert.That(File.ReadAllText(state), Does.Contain("\"IsEvaluationDue\": false"));
    }

    private string Output => PathOf("run");

    private string Log => PathOf("run/log.jsonl");

    private static IEnumerable<string> Arguments(string config, string text, string output, params IEnumerable<string> more) =>
        ["train", "--config", config, "--tokenizer", "bytes", "--data", text, "--output", output, .. TinyTraining.Flags(Steps, more)];

    private Process Start(params IEnumerable<string> more) =>
        BipeProcess.Start(Arguments(Write("config.json", TinyTraining.Config()), Write("text.txt", TinyTraining.Text), Output, more));

    private BipeOutcome Resume(params IEnumerable<string> more) =>
        Bipe.Run(["train", "--output", Output, "--resume", "--backend", "cpu", "--threads", "1", .. more]);

    private void RequireSameEnd()
    {
        BipeOutcome resumed = Resume().RequireSuccess();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(resumed.Error, Does.Contain("Going on after step"));
            foreach (string file in (string[])["model.safetensors", $"{LastCheckpoint}/model.safetensors", $"{LastCheckpoint}/optimizer.safetensors"])
            {
                Assert.That(
                    File.ReadAllBytes(Path.Combine(Output, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(_reference, "run", file))), Is.True, file);
            }

            long[] steps = [.. File.ReadLines(Log).Select(line => JsonElement.Parse(line).GetProperty("step").GetInt64())];
            Assert.That(steps, Is.Ordered.And.Unique);
            Assert.That(Entries, Has.None.Contains(".tmp"));
        }
    }
}
