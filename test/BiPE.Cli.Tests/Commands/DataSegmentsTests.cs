using System.Text.Json;

namespace BiPE.Cli.Tests.Commands;

internal sealed class DataSegmentsTests : CommandTests
{
    [Test]
    public void PipesGetMarksAndTheErrorStreamTheCounts()
    {
        BipeOutcome outcome = Bipe.RunWithInput("One. Two\n", "data", "segments", "--text", "-").RequireSuccess();

        Assert.That(outcome.Output.ReplaceLineEndings("\n"), Is.EqualTo("┃0┃One.┃1┃ Two↵\n"));
        Assert.That(outcome.Error, Does.Contain("10 tokens of the bytes tokenizer in 2 segments (separators 10, 33, 46, 63)"));
    }

    [Test]
    public void ColoursCanBeForced()
    {
        string text = Write("a.txt", "a.b\e[2J");
        BipeOutcome outcome = Bipe.Run("data", "segments", "--text", text, "--color", "always", "--separators", "46").RequireSuccess();

        Assert.That(outcome.Output, Does.StartWith("\e[38;5;16;48;5;153ma\e[0m").And.Not.Contain("\e[2J"));
    }

    [Test]
    public void JsonHasEveryTokenWithItsIds()
    {
        string text = Write("a.txt", "é.x");
        JsonElement result = Bipe.Run("data", "segments", "--text", text, "--separators", "46", "--json").Json;

        string[] tokens = [.. result.GetProperty("tokens").EnumerateArray().Select(token =>
            $"{token.GetProperty("id")} {token.GetProperty("text")} {token.GetProperty("segment")} {token.GetProperty("offset")} {token.GetProperty("isSeparator")}")];
        Assert.That(tokens, Is.EqualTo(new[] { "256  0 0 False", "195 é 0 1 False", "169  0 2 False", "46 . 0 3 True", "120 x 1 0 False" }));
        Assert.That(result.GetProperty("tokens")[2].GetProperty("text").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public void OnlyTheFirstTokensAreShown()
    {
        BipeOutcome outcome = Bipe.RunWithInput("abcdef", "data", "segments", "--text", "-", "--ids", "--max-tokens", "3").RequireSuccess();

        Assert.That(outcome.Lines[..3], Is.EqualTo(new[] { "segment 0   0 0", "offset  0   1 2", "token   <s> a b" }));
        Assert.That(outcome.Error, Does.Contain("4 more tokens are not shown"));
    }

    [Test]
    public void MistakesAreNamed()
    {
        string binary = PathOf("binary");
        File.WriteAllBytes(binary, [0x61, 0xFF]);

        Bipe.Run("data", "segments", "--text", PathOf("missing")).RequireError(1, "missing");
        Bipe.Run("data", "segments", "--text", binary).RequireError(1, "not UTF-8");
        Bipe.Run("data", "segments", "--text", binary, "--separators", "300").RequireError(1, "300", "0 .. 263");
        Bipe.Run("data", "segments").RequireError(2, "--text");
    }
}
