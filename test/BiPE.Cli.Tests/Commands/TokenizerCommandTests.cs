using System.Diagnostics;
using System.Text.Json;

namespace BiPE.Cli.Tests.Commands;

internal sealed class TokenizerCommandTests : CommandTests
{
    private static readonly string[] Texts = ["Hello world.", "", "Grüße, 世界 🙂\n\"quoted\" \\ [bold]", " \t ", "\u0000"];

    [Test]
    public void DecodingWhatWasEncodedGivesTheText()
    {
        string input = string.Concat(Texts.Select(text => JsonSerializer.Serialize(text) + "\n"));
        BipeOutcome encoded = BipeProcess.RunWithInput(input, "tokenizer", "encode", "--tokenizer", "bytes").RequireSuccess();
        BipeOutcome decoded = BipeProcess.RunWithInput(encoded.Output, "tokenizer", "decode", "--tokenizer", "bytes").RequireSuccess();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(encoded.Lines.Select(line => JsonSerializer.Deserialize<int[]>(line)!.Length), Is.All.GreaterThanOrEqualTo(1));
            Assert.That(decoded.Lines.Select(line => JsonSerializer.Deserialize<string>(line)), Is.EqualTo(Texts));
            Assert.That(encoded.Error + decoded.Error, Is.Empty);
        }
    }

    [TestCase("encode", "\"a\"\nnot json\n", "Line 2", "is not a JSON string")]
    [TestCase("encode", "\"a\"\n\n", "Line 2", "it is empty")]
    [TestCase("encode", "[1]", "Line 1", "it is an array")]
    [TestCase("encode", "\"\\ud800\"", "Line 1", "not valid")]
    [TestCase("decode", "[72]\n[1, \"x\"]\n", "Line 2", "\"x\" is no id")]
    [TestCase("decode", "[72]\n[72]\n[-1]", "Line 3", "-1 is no id")]
    [TestCase("decode", "[1000000]", "Line 1", "1000000 is no id")]
    [TestCase("decode", "{\"a\": 1}", "Line 1", "it is an object")]
    public void BrokenLinesAreNamed(string command, string input, string line, string reason)
    {
        BipeOutcome outcome = Bipe.RunWithInput(input, "tokenizer", command, "--tokenizer", "bytes");

        (outcome with { Output = "" }).RequireError(1, line, reason);
    }

    [Test]
    public void EachLineIsAnsweredBeforeTheNextIsAsked()
    {
        using Process process = BipeProcess.Start("tokenizer", "encode", "--tokenizer", "bytes");
        for (int i = 0; i < 3; i++)
        {
            process.StandardInput.WriteLine("\"a\"");
            process.StandardInput.Flush();
            Task<string?> answer = process.StandardOutput.ReadLineAsync();
            Assert.That(answer.Wait(TimeSpan.FromSeconds(30)), Is.True, "no answer before the input ended");
            Assert.That(answer.Result, Does.StartWith("["));
        }

        process.StandardInput.Close();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero);
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "the test sends the signal with kill")]
    public void InterruptingEndsTheWaitForInput()
    {
        using Process process = BipeProcess.Start("tokenizer", "encode", "--tokenizer", "bytes");
        process.StandardInput.WriteLine("\"a\"");
        process.StandardInput.Flush();
        process.StandardOutput.ReadLine();
        BipeProcess.Interrupt(process);

        Assert.That(process.ExitCode, Is.EqualTo(130));
        Assert.That(process.StandardError.ReadToEnd(), Does.Not.Contain("   at "));
    }

    [Test]
    public void UnknownTokenizersAreRefused()
    {
        string empty = Directory.CreateDirectory(PathOf("empty")).FullName;
        string wrong = Write("tokenizer.model", "this is no model");

        Bipe.Run("tokenizer", "encode", "--tokenizer", PathOf("missing")).RequireError(1, "missing");
        Bipe.Run("tokenizer", "encode", "--tokenizer", empty).RequireError(1, "empty");
        Bipe.Run("tokenizer", "decode", "--tokenizer", wrong).RequireError(1, "tokenizer.model");
        Bipe.Run("tokenizer", "decode").RequireError(2, "--tokenizer", "see 'bipe tokenizer decode --help'");
    }
}
