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
        Bipe.Run("data", "tokenize", "--data", PathOf("words.jsonl"), "--tokenizer", "bytes", "--output", PathOf("words")).RequireSuccess();
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
    public void ShardsWithoutNamesMayBeMovedToo()
    {
        Bipe.Run("data", "tokenize", "--data", PathOf("lines.jsonl"), "--tokenizer", "bytes", "--output", PathOf("lines")).RequireSuccess();
        Train("run", 2, "--data", PathOf("lines"), PathOf("words")).RequireSuccess();
        Directory.Move(PathOf("lines"), PathOf("lines2"));
        Directory.Move(PathOf("words"), PathOf("words2"));
        Resume("run", "--max-steps", "4", "--data", PathOf("lines2"), PathOf("words2")).RequireError(1, "as NAME=PATH");
        Resume("run", "--max-steps", "4", "--data", $"{PathOf("lines")}={PathOf("lines2")}", $"{PathOf("words")}={PathOf("words2")}").RequireSuccess();
    }

    [Test]
    public void ShardsWithoutNamesAreMixedByTheirSizes()
    {
        Bipe.Run("data", "tokenize", "--data", PathOf("lines.jsonl"), "--tokenizer", "bytes", "--output", PathOf("lines")).RequireSuccess();
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

    [Test]
    public void EachCorpusHasItsSegmenterInTrainingEvaluationAndTheSavedModel()
    {
        string[] options =
        [
            "--data", $"lines={PathOf("lines.jsonl")}", $"words={PathOf("words")}", "--separators", "newline", "words=32,46", .. Mixture, "--eval-max-tokens", "5000",
        ];
        BipeOutcome whole = Train("whole", 12, options).RequireSuccess();
        Train("stopped", 5, options).RequireSuccess();
        Resume("stopped", "--max-steps", "12", "--separators", "words=32").RequireError(2, "leave --separators out");
        Resume("stopped", "--max-steps", "12").RequireSuccess();

        JsonElement position = JsonElement.Parse(File.ReadAllText(PathOf("whole/config.json"))).GetProperty("position");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(whole.Error, Does.Contain("times; segments end at 10.").And.Contain("times; segments end at 32, 46."));
            Assert.That(File.ReadAllBytes(PathOf("stopped/model.safetensors")), Is.EqualTo(File.ReadAllBytes(PathOf("whole/model.safetensors"))));
            Assert.That(File.ReadAllText(PathOf("stopped/config.json")), Is.EqualTo(File.ReadAllText(PathOf("whole/config.json"))));
            Assert.That(Ids(position.GetProperty("segmenter")), Is.EqualTo(new[] { 10 }));
            Assert.That(Ids(position.GetProperty("segmenters").GetProperty("words")), Is.EqualTo(new[] { 32, 46 }));
            Assert.That(Bipe.Run("inspect", "--model", PathOf("whole")).RequireSuccess().Output, Does.Contain("on 'words' segments end at 32, 46"));
        }

        static IEnumerable<int> Ids(JsonElement segmenter) => segmenter.GetProperty("tokens").EnumerateArray().Select(id => id.GetInt32());
    }

    [Test]
    public void TheSavedModelIsEvaluatedWithTheSegmenterOfASetSoNamedOrAGivenOne()
    {
        string words = PathOf("words");
        Train("run", 8, "--data", $"lines={PathOf("lines.jsonl")}", $"words={words}", "--separators", "newline", "words=32,46").RequireSuccess();
        BipeOutcome named = Evaluate($"words={words}");
        double own = Loss(Evaluate($"other={words}"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(named.Error, Does.Contain("has a segmenter of its own for 'words': segments end at 32, 46."));
            Assert.That(Loss(named), Is.Not.EqualTo(own));
            Assert.That(Loss(Evaluate($"other={words}", "--separators", "other=46,32")), Is.EqualTo(Loss(named)));
            Assert.That(Loss(Evaluate($"words={words}", "--separators", "newline")), Is.EqualTo(own), "what is given counts more");
            Assert.That(Loss(Evaluate($"words={words}", "--segmenter", "words=fixed:3")), Is.Not.EqualTo(own).And.Not.EqualTo(Loss(named)));
        }

        BipeOutcome compared = Bipe.Run("compare", PathOf("results.jsonl"), "--model", "run", "run (segmenter words=fixed:3)").RequireSuccess();
        Assert.That(compared.Output, Does.Contain("words").And.Contain("segmenter words=fixed:3"));
        Assert.That(File.ReadAllText(PathOf("results.jsonl")), Does.Contain("\"segmenter\":\"32,46\"").And.Contain("\"segmenter\":\"fixed:3\""));
        Bipe.Run("eval", "--model", PathOf("run"), "--data", $"words={words}", "--block-size", "32", "--separators", "word=newline")
            .RequireError(1, "--separators names 'word', but --data has 'words'");

        static double Loss(BipeOutcome outcome) => outcome.Json.GetProperty("models")[0].GetProperty("results")[0].GetProperty("meanLoss").GetDouble();

        BipeOutcome Evaluate(params string[] options) => Bipe.Run(
            ["eval", "--model", PathOf("run"), "--block-size", "32", "--max-tokens", "1000", "--results", PathOf("results.jsonl"), "--backend", "cpu", "--json", "-", "--data", .. options]);
    }

    [Test]
    public void ACorpusThatIsAloneMayHaveItsNamedSegmenterToo()
    {
        Train("whole", 6, "--data", $"words={PathOf("words")}", "--segmenter", "words=fixed:4").RequireSuccess();
        Train("stopped", 3, "--data", $"words={PathOf("words")}", "--segmenter", "words=fixed:4").RequireSuccess();
        Directory.Move(PathOf("words"), PathOf("moved"));
        Resume("stopped", "--max-steps", "6", "--data", PathOf("moved")).RequireSuccess();
        Assert.That(File.ReadAllBytes(PathOf("stopped/model.safetensors")), Is.EqualTo(File.ReadAllBytes(PathOf("whole/model.safetensors"))));
    }

    [Test]
    public void SegmentersThatDoNotFitAreRefused()
    {
        string[] data = ["--data", $"lines={PathOf("lines.jsonl")}", $"words={PathOf("words")}"];
        Train("run", 2, [.. data, "--separators", "code=newline"]).RequireError(1, "--separators names 'code', but --data has 'lines', 'words'");
        Train("run", 2, [.. data, "--segmenter", "word=none"]).RequireError(1, "--segmenter names 'word'");
        Train("run", 2, [.. data, "--separators", "words=sentences"]).RequireError(1, "no separator set 'sentences'");
        Train("run", 2, [.. data, "--separators", "words=264"]).RequireError(1, "separator 264 is no token");
        Train("run", 2, [.. data, "--separators", "words=10", "--segmenter", "words=none"]).RequireError(2, "segments of 'words' end");
        Train("run", 2, [.. data, "--separators", "newline", "sentence"]).RequireError(2, "more than once");
        Train("run", 2, [.. data, "--segmenter", "words=fixed:"]).RequireError(2, "--segmenter is 'words=fixed:'");
        Assert.That(Directory.Exists(PathOf("run")), Is.False);
    }

    private static string Records(Func<int, string> piece) => string.Concat(
        Enumerable.Range(0, 100).Select(i => $"{{\"text\": \"{string.Concat(Enumerable.Range(i, 1 + (i % 6)).Select(piece))}\"}}\n"));

    private BipeOutcome Train(string output, int steps, params string[] options) => Bipe.Run(
        ["train", "--config", PathOf("config.json"), "--tokenizer", "bytes", "--output", PathOf(output), .. options, .. TinyTraining.Flags(steps, "--schedule", "constant")]);

    private BipeOutcome Resume(string output, params string[] options) =>
        Bipe.Run(["train", "--output", PathOf(output), "--resume", "--backend", "cpu", "--threads", "1", .. options]);
}
