using System.Text.Json;

namespace BiPE.Cli.Tests.Commands;

/// <summary>Trainings on several corpora.</summary>
internal sealed class TrainMixtureTests : CommandTests
{
    private static readonly string[] Mixture = ["--weights", "0.75,0.25", "--packing", "documents", "--hold-out", "0.2", "--gradient-accumulation", "2"];

    [SetUp]
    public void WriteCorpora()
    {
        Write("config.json", TinyTraining.Config());
        Write("lines.jsonl", Records(i => $"line {i % 10} says that {i * 7 % 10}.\\n"));
        Write("words.jsonl", Records(i => $"word {i % 7} and then some. "));
        BipeProcess.Run("data", "tokenize", "--data", PathOf("words.jsonl"), "--tokenizer", "bytes", "--output", PathOf("words")).RequireSuccess();
    }

    [Test]
    public void ResumingEqualsNeverHavingStoppedEvenIfAShardWasMoved()
    {
        string[] data = ["--data", $"lines={PathOf("lines.jsonl")}", $"words={PathOf("words")}"];
        BipeOutcome whole = Train("whole", 12, [.. data, .. Mixture]).RequireSuccess();
        Train("stopped", 5, [.. data, .. Mixture]).RequireSuccess();
        Directory.Move(PathOf("words"), PathOf("moved"));
        Resume("stopped", "--max-steps", "12").RequireError(1, "words", "no token shard");
        Resume("stopped", "--max-steps", "12", "--data", $"words={PathOf("moved")}").RequireSuccess();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(whole.Error, Does.Contain("lines: 75.00 % of the blocks").And.Contain("words: 25.00 % of the blocks"));
            Assert.That(File.ReadAllBytes(PathOf("stopped/model.safetensors")), Is.EqualTo(File.ReadAllBytes(PathOf("whole/model.safetensors"))));
            Assert.That(Directory.Exists(PathOf("whole/tokens/lines")));
            JsonElement last = JsonElement.Parse(File.ReadLines(PathOf("whole/log.jsonl")).Last(line => line.Contains("eval/loss", StringComparison.Ordinal)));
            double lines = last.GetProperty("eval/lines/loss").GetDouble();
            double words = last.GetProperty("eval/words/loss").GetDouble();
            Assert.That(last.GetProperty("eval/loss").GetDouble(), Is.InRange(Math.Min(lines, words), Math.Max(lines, words)).And.GreaterThan(1));
        }
    }

    [Test]
    public void ShardsWithoutNamesAreMixedByTheirSizes()
    {
        BipeProcess.Run("data", "tokenize", "--data", PathOf("lines.jsonl"), "--tokenizer", "bytes", "--output", PathOf("lines")).RequireSuccess();
        BipeOutcome outcome = Train("run", 2, "--data", PathOf("lines"), PathOf("words")).RequireSuccess();

        Assert.That(outcome.Error, Does.Contain($"{PathOf("lines")}: ").And.Contain($"{PathOf("words")}: ").And.Contain("% of the blocks"));
    }

    [Test]
    public void WhatDoesNotFitIsRefused()
    {
        string lines = $"lines={PathOf("lines.jsonl")}";
        string words = $"words={PathOf("words")}";
        Train("run", 2, "--data", lines, words, "--weights", "1,2,3").RequireError(1, "--weights has 3 numbers", "lines, words");
        Train("run", 2, "--data", lines, words, "--weights", "1,0").RequireError(2, "--weights is '1,0'");
        Train("run", 2, "--data", lines, words, "--set", "pg19").RequireError(1, "token shard", "--set");
        Train("run", 2, "--data", lines, PathOf("words")).RequireError(1, "has no name");
        Train("run", 2, "--data", $"..={PathOf("lines.jsonl")}", words).RequireError(1, "'..'", "choose another");
        Train("run", 2, "--data", PathOf("lines.jsonl"), PathOf("words")).RequireError(1, "a name of its own");
        Train("run", 2, "--data", lines, "--hold-out", "0.1", "--eval-data", PathOf("words")).RequireError(2, "--eval-data", "--hold-out");
        Train("run", 2, "--data", lines, "--hold-out", "1").RequireError(2, "--hold-out is '1'");
        Assert.That(Directory.Exists(PathOf("run")), Is.False);

        Train("run", 2, "--data", lines, words).RequireSuccess();
        Resume("run", "--max-steps", "4", "--weights", "1,1").RequireError(2, "--weights");
        Resume("run", "--max-steps", "4", "--packing", "documents").RequireError(1, "--packing is Concatenate");
        Resume("run", "--max-steps", "4", "--hold-out", "0.5").RequireError(1, "--hold-out is 0");
        Resume("run", "--max-steps", "4", "--data", $"other={PathOf("words")}").RequireError(1, "no corpus 'other'", "lines, words");
    }

    private static string Records(Func<int, string> piece) => string.Concat(
        Enumerable.Range(0, 100).Select(i => $"{{\"text\": \"{string.Concat(Enumerable.Range(i, 1 + (i % 6)).Select(piece))}\"}}\n"));

    private BipeOutcome Train(string output, int steps, params string[] options) => BipeProcess.Run(
        ["train", "--config", PathOf("config.json"), "--tokenizer", "bytes", "--output", PathOf(output), .. options, .. TinyTraining.Flags(steps, "--schedule", "constant")]);

    private BipeOutcome Resume(string output, params string[] options) =>
        BipeProcess.Run(["train", "--output", PathOf(output), "--resume", "--backend", "cpu", "--threads", "1", .. options]);
}
