using System.Diagnostics;
using System.Text.Json;

namespace BiPE.Cli.Tests.Commands;

internal sealed class TrainCommandTests : CommandTests
{
    private const string Config = """
        {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 1, "num_attention_heads": 2, "vocab_size": 264,
         "max_position_embeddings": 32, "train_scale": 32, "rms_norm_eps": 1e-5, "rpe_type": "bipe_rope", "pad_token_id": -1}
        """;

    private string Text => Write("text.txt", string.Concat(Enumerable.Range(0, 200).Select(i => $"Line {i % 9} says {i * 7 % 10}.\n")));

    [Test]
    public void ARunLeavesAModelLogsAndACheckpoint()
    {
        string output = PathOf("run");
        Train(output, 8, "--eval-data", Text, "--eval-every", "4", "--log-every", "2").RequireSuccess();
        Assert.That(
            Directory.GetFileSystemEntries(output).Select(Path.GetFileName).Order(StringComparer.Ordinal),
            Is.EqualTo(new[] { "checkpoint-00000008", "config.json", "log.jsonl", "model.safetensors", "tensorboard", "tokenizer_config.json", "tokens" }));
        Assert.That(Directory.GetFiles(Path.Combine(output, "tensorboard"), "events.out.tfevents.*"), Is.Not.Empty);
        JsonElement[] log = [.. File.ReadLines(Path.Combine(output, "log.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.That(log.Where(entry => entry.TryGetProperty("train/loss", out _)).Select(entry => entry.GetProperty("step").GetInt32()), Is.EqualTo(new[] { 2, 4, 6, 8 }));
        Assert.That(log.Where(entry => entry.TryGetProperty("eval/perplexity", out _)).Select(entry => entry.GetProperty("step").GetInt32()), Is.EqualTo(new[] { 4, 8 }));

        BipeProcess.Run("eval", "--model", output, "--data", Text, "--block-size", "32", "--backend", "cpu").RequireSuccess();
        Train(output, 8).RequireError(1, "already has a run", "--resume");
        BipeProcess.Run("train", "--model", output, "--data", Text, "--output", PathOf("more"), "--max-steps", "2", "--batch-size", "2", "--backend", "cpu").RequireSuccess();
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "the signal is sent with kill")]
    public void CtrlCSavesAndResumingChangesNoBit()
    {
        Train(PathOf("straight"), 400, "--save-every", "0").RequireSuccess();
        string output = PathOf("stopped");
        using (Process process = BipeProcess.Start(Arguments(output, 400, "--save-every", "10", "--keep-checkpoints", "1")))
        {
            WaitForCheckpoint(output);
            BipeProcess.Interrupt(process);
            Assert.That(process.ExitCode, Is.EqualTo(130));
            Assert.That(process.StandardError.ReadToEnd(), Does.Contain($"Go on with: bipe train --output {output} --resume"));
        }

        Assert.That(File.Exists(Path.Combine(output, "model.safetensors")), Is.False, "not finished");
        BipeProcess.Run("train", "--output", output, "--resume", "--backend", "cpu", "--threads", "1").RequireSuccess();
        foreach (string file in new[] { "model.safetensors", "checkpoint-00000400/optimizer.safetensors" })
        {
            Assert.That(File.ReadAllBytes(Path.Combine(output, file)), Is.EqualTo(File.ReadAllBytes(Path.Combine(PathOf("straight"), file))), file);
        }
    }

    [Test]
    public void AKilledRunGoesOnFromItsLastCheckpoint()
    {
        Train(PathOf("straight"), 400, "--save-every", "0").RequireSuccess();
        string output = PathOf("killed");
        using (Process process = BipeProcess.Start(Arguments(output, 400, "--save-every", "10")))
        {
            WaitForCheckpoint(output);
            process.Kill();
            process.WaitForExit();
        }

        BipeProcess.Run("train", "--output", output, "--resume", "--backend", "cpu").RequireSuccess();
        Assert.That(
            File.ReadAllBytes(Path.Combine(output, "model.safetensors")),
            Is.EqualTo(File.ReadAllBytes(Path.Combine(PathOf("straight"), "model.safetensors"))));
    }

    [Test]
    public void DivergenceStopsWithASentenceAndKeepsTheCheckpoint()
    {
        string output = PathOf("run");
        BipeOutcome outcome = Train(
            output, 500, "--learning-rate", "1e15", "--schedule", "constant", "--warmup-steps", "3", "--max-grad-norm", "0", "--save-every", "1");
        Assert.That(outcome.ExitCode, Is.EqualTo(1));
        Assert.That(outcome.Error.TrimEnd().Split('\n')[^1], Does.StartWith("error: Training diverged at step ").And.Contain("--learning-rate"));
        Assert.That(outcome.Error, Does.Not.Contain("   at "));
        string[] checkpoints = Directory.GetDirectories(output, "checkpoint-*");
        Assert.That(checkpoints, Is.Not.Empty);
        Assert.That(Entries.Where(entry => entry.Contains(".tmp", StringComparison.Ordinal)), Is.Empty);
        Assert.That(File.Exists(Path.Combine(output, "model.safetensors")), Is.False);
    }

    [Test]
    public void WhatDoesNotFitIsOneSentence()
    {
        string output = PathOf("run");
        TrainWith(Config.Replace("bipe_rope", "bipe_ropes"), output).RequireError(1, "bipe_ropes", "did you mean bipe_rope?");
        TrainWith(Config.Replace("\"num_attention_heads\": 2", "\"num_attention_heads\": 5"), output).RequireError(1, "does not divide");
        TrainWith(Config.Replace("264", "200"), output).RequireError(1, "200", "264");
        TrainWith(Config.Replace("\"train_scale\": 32", "\"train_scale\": 100000"), output).RequireError(1, "100000", "longer");
        TrainWith("{", output).RequireError(1, "config.json", "JSON");
        BipeProcess.Run("train", "--output", output, "--resume", "--backend", "cpu").RequireError(1, "no checkpoint");
        BipeProcess.Run(Arguments(output, 2, "--data", PathOf("missing.txt"))).RequireError(1, "missing.txt");
        BipeProcess.Run("train", "--config", Write("config.json", Config), "--data", Text, "--output", output, "--backend", "cpu").RequireError(1, "--tokenizer");
        Assert.That(Entries.Where(entry => entry.Contains(".tmp", StringComparison.Ordinal) || entry.EndsWith("model.safetensors", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void WrongFlagsAreOneSentence()
    {
        string output = PathOf("run");
        BipeProcess.Run("train", "--output", output, "--data", Text).RequireError(2, "--config", "--model");
        BipeProcess.Run("train", "--output", output, "--config", "c", "--model", "m", "--data", Text).RequireError(2, "--config", "--model");
        BipeProcess.Run("train", "--output", output, "--config", "c").RequireError(2, "--data");
        BipeProcess.Run(Arguments(output, 2, "--learning-rate", "fast")).RequireError(2, "--learning-rate", "fast");
        BipeProcess.Run(Arguments(output, 2, "--batch-size", "0")).RequireError(2, "--batch-size");
        BipeProcess.Run(Arguments(output, 2, "--eval-every", "1")).RequireError(2, "--eval-data");
        BipeProcess.Run(Arguments(output, 2, "--schedule", "sawtooth")).RequireError(2, "sawtooth");
        Assert.That(Directory.Exists(output), Is.False);
    }

    private static void WaitForCheckpoint(string output)
    {
        var watch = Stopwatch.StartNew();
        while (!Directory.Exists(output) || Directory.GetDirectories(output, "checkpoint-????????").Length == 0)
        {
            Assert.That(watch.Elapsed.TotalSeconds, Is.LessThan(60), "no checkpoint came");
            Thread.Sleep(5);
        }
    }

    private BipeOutcome Train(string output, int steps, params string[] more) => BipeProcess.Run(Arguments(output, steps, more));

    private BipeOutcome TrainWith(string config, string output) => BipeProcess.Run(
        "train", "--config", Write("config.json", config), "--tokenizer", "bytes", "--data", Text, "--output", output, "--max-steps", "2", "--backend", "cpu");

    private string[] Arguments(string output, int steps, params string[] more)
    {
        string[] data = more.Contains("--data") ? [] : ["--data", Text];
        string[] warmUp = more.Contains("--warmup-steps") ? [] : ["--warmup-steps", "2"];
        string[] batch = more.Contains("--batch-size") ? [] : ["--batch-size", "2"];
        return
        [
            "train", "--config", Write("config.json", Config), "--tokenizer", "bytes", .. data, "--output", output, "--max-steps", $"{steps}",
            .. warmUp, .. batch, "--backend", "cpu", .. more,
        ];
    }
}
