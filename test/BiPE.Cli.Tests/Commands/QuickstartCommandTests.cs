using System.Diagnostics;
using System.Text.Json;

namespace BiPE.Cli.Tests.Commands;

internal sealed class QuickstartCommandTests : CommandTests
{
    [Test]
    public void ItTrainsEvaluatesShowsAndGoesOn()
    {
        string text = Write("small.txt", string.Concat(Enumerable.Repeat(TinyTraining.Text, 3)));
        BipeOutcome first = Quickstart(text).RequireSuccess();
        DateTime trained = File.GetLastWriteTimeUtc(PathOf("quick/rope/checkpoint-00000010/optimizer.safetensors"));
        BipeOutcome second = Quickstart(text, "--json", PathOf("result.json")).RequireSuccess();
        JsonElement results = JsonElement.Parse(File.ReadAllText(PathOf("result.json"))).GetProperty("results");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(first.Lines, Has.Length.EqualTo(7));
            Assert.That(first.Lines[1], Does.Contain("rope").And.Contain("bipe_rope"));
            Assert.That(first.Lines[^1], Does.Contain("2,048 (8x)"));
            Assert.That(first.Error, Does.Contain("perplexity.png").And.Contain($"--data {text}"));
            Assert.That(File.ReadAllBytes(PathOf("quick/perplexity.png")).AsSpan(1, 3).SequenceEqual("PNG"u8), Is.True);
            Assert.That(second.Lines, Is.EqualTo(first.Lines), "the same models");
            Assert.That(second.Error, Does.Contain("Going on"));
            Assert.That(File.GetLastWriteTimeUtc(PathOf("quick/rope/checkpoint-00000010/optimizer.safetensors")), Is.EqualTo(trained), "not trained again");
            Assert.That(results.GetArrayLength(), Is.EqualTo(2));
            Assert.That(Entries, Has.None.Contains(".tmp"));
        }

        Quickstart(Write("other.txt", TinyTraining.Text)).RequireError(1, "small.txt", "other.txt", "--output");
        Bipe.Run("eval", "--model", PathOf("quick/bipe_rope"), "--data", text, "--block-size", "256", "--max-tokens", "600", "--backend", "cpu").RequireSuccess();
    }

    [Test]
    public void TooLittleTextIsRefusedAndMoreIsTaken()
    {
        BipeOutcome outcome = Quickstart(Write("small.txt", TinyTraining.Text));

        Assert.That(outcome.ExitCode, Is.EqualTo(1));
        Assert.That(outcome.Error, Does.Contain("too little text").And.Contain("--data"));
        Assert.That(Entries, Has.None.Contains("quickstart.json"), "no plan that a second call would have to follow");
        Quickstart(PathOf("missing.txt")).RequireError(1, "missing.txt");
    }

    [Test]
    [Platform(Exclude = "Win")]
    public void AnInterruptIsGoneOnFrom()
    {
        string text = Write("small.txt", string.Concat(Enumerable.Repeat(TinyTraining.Text, 3)));
        using (Process process = BipeProcess.Start("quickstart", "--data", text, "--output", PathOf("quick"), "--minutes", "0.1", "--backend", "cpu"))
        {
            Task<string> error = process.StandardError.ReadToEndAsync();
            TinyTraining.WaitUntil(process, () => Directory.Exists(PathOf("quick/rope")) && Directory.GetDirectories(PathOf("quick/rope"), "checkpoint-*").Length > 0);
            BipeProcess.Interrupt(process);

            Assert.That(process.ExitCode, Is.EqualTo(130), error.Result);
            Assert.That(error.Result, Does.Contain("Stopped").And.Contain("Go on with: the same command"), "which names the text and all else");
        }

        // The plan is shortened to what is trained already, so that the test ends soon.
        string trained = Directory.GetDirectories(PathOf("quick/rope"), "checkpoint-*").Max(StringComparer.Ordinal)!.Split('-')[^1].TrimStart('0');
        string plan = PathOf("quick/quickstart.json");
        long steps = JsonElement.Parse(File.ReadAllText(plan)).GetProperty("Steps").GetInt64();
        File.WriteAllText(plan, File.ReadAllText(plan).Replace($"\"Steps\": {steps}", $"\"Steps\": {trained}", StringComparison.Ordinal));
        Assert.That(Quickstart(text).RequireSuccess().Lines, Has.Length.EqualTo(7));
    }

    private BipeOutcome Quickstart(string text, params IEnumerable<string> more) =>
        Bipe.Run(["quickstart", "--data", text, "--output", PathOf("quick"), "--minutes", "0.001", "--backend", "cpu", .. more]);
}
