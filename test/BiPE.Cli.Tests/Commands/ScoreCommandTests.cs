using System.Text.Json;
using BiPE.Core.Checkpoints;
using BiPE.Core.Evaluation;
using BiPE.Core.Model;
using BiPE.Testing;

namespace BiPE.Cli.Tests.Commands;

internal sealed class ScoreCommandTests : CommandTests
{
    [Test]
    public void LogProbabilitiesAreThoseOfTheReferenceBackend()
    {
        string model = TinyModel.Save(PathOf("model"));
        int[][] ids = [[256, 72, 105, 46, 10, 72], [5], [], [7, 7, 7]];
        string file = Write("ids.json", JsonSerializer.Serialize(ids));
        JsonElement[] sequences = [.. Bipe.Run("score", "--model", model, "--ids", file, "--backend", "cpu", "--json", "-").Json
            .GetProperty("sequences").EnumerateArray()];

        Assert.That(sequences.Select(sequence => sequence.GetProperty("ids").Deserialize<int[]>()), Is.EqualTo(ids));
        using var backend = new ReferenceBackend();
        using LanguageModel reference = HuggingFaceFolder.Load(backend, model);
        foreach ((JsonElement sequence, int[] tokens) in sequences.Zip(ids))
        {
            double?[] found = sequence.GetProperty("logProbabilities").Deserialize<double?[]>()!;
            double[] expected = tokens.Length < 2 ? [] : [.. new PerplexityEvaluator(reference).TokenLosses(tokens).Select(loss => -loss)];
            Assert.That(found, Has.Length.EqualTo(tokens.Length));
            Assert.That(found.Take(1), Is.All.Null);
            Assert.That(found.Skip(1), Is.EqualTo(expected).Within(1e-4).And.All.LessThanOrEqualTo(0));
        }
    }

    [Test]
    public void TextStartsWithTheBeginOfSentenceToken()
    {
        string model = TinyModel.Save(PathOf("model"));
        string text = Write("text.txt", "Hé.");
        BipeOutcome shown = Bipe.Run("score", "--model", model, "--text", text, "--backend", "cpu", "--json", PathOf("score.json")).RequireSuccess();
        JsonElement sequence = JsonElement.Parse(File.ReadAllText(PathOf("score.json"))).GetProperty("sequences")[0];

        using (Assert.EnterMultipleScope())
        {
            Assert.That(sequence.GetProperty("ids").Deserialize<int[]>(), Is.EqualTo([256, 72, 195, 169, 46]));
            Assert.That(shown.Output, Does.Contain("perplexity").And.Contain("| all"));
            Assert.That(Entries, Has.None.Contains(".tmp"));
        }
    }

    [Test]
    public void WrongSequencesAreRefused()
    {
        string model = TinyModel.Save(PathOf("model"));
        string broken = Write("broken.json", "[[1, 2],\n[3,");
        string flat = Write("flat.json", "[1, 2]");
        string words = Write("words.json", "[[\"a\"]]");
        string hole = Write("hole.json", "[[1], null]");
        string large = Write("large.json", "[[1, 2], [3, 9999]]");
        string binary = PathOf("binary.txt");
        File.WriteAllBytes(binary, [0x66, 0xFF, 0xFE]);

        Score("--ids", PathOf("missing.json")).RequireError(1, "missing.json");
        Score("--ids", Folder).RequireError(1, Path.GetFileName(Folder));
        Score("--ids", broken).RequireError(1, "broken.json", "line 2");
        Score("--ids", flat).RequireError(1, "flat.json", "line 1");
        Score("--ids", words).RequireError(1, "words.json");
        Score("--ids", hole).RequireError(1, "hole.json", "null");
        Score("--ids", large).RequireError(1, "Token 2 of sequence 2 is 9999");
        Score("--text", binary).RequireError(1, "binary.txt", "UTF-8");

        BipeOutcome Score(string option, string file) => Bipe.Run("score", "--model", model, option, file, "--backend", "cpu");
    }

    [Test]
    public void ATrainedModelKnowsItsStory()
    {
        string folder = TestFiles.RequireShared("models", "stories260K");
        string text = Write("story.txt", "Once upon a time, there was a little girl named Lily. She loved to play outside in the park.");
        JsonElement story = Bipe.Run("score", "--model", folder, "--text", text, "--backend", "cpu", "--json", "-").Json.GetProperty("sequences")[0];
        string ids = Write("ids.json", $"[{story.GetProperty("ids").GetRawText()}]");
        JsonElement again = Bipe.Run("score", "--model", folder, "--ids", ids, "--backend", "cpu", "--json").Json.GetProperty("sequences")[0];
        double?[] probabilities = story.GetProperty("logProbabilities").Deserialize<double?[]>()!;

        Assert.That(again.GetRawText(), Is.EqualTo(story.GetRawText()));
        Assert.That(probabilities.Skip(1), Is.All.LessThanOrEqualTo(0));
        Assert.That(probabilities.Skip(1).Average(), Is.GreaterThan(-1), "the greedy text is likely");
    }
}
