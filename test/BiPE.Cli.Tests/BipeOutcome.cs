using System.Text.Json;

namespace BiPE.Cli.Tests;

/// <summary>How a command ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it wrote to standard output.</param>
/// <param name="Error">What it wrote to standard error.</param>
internal sealed record BipeOutcome(int ExitCode, string Output, string Error)
{
    /// <summary>The output's lines, without the last line feed.</summary>
    public string[] Lines => Output.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');

    /// <summary>The output as JSON.</summary>
    public JsonElement Json
    {
        get
        {
            RequireSuccess();
            return JsonElement.Parse(Output);
        }
    }

    /// <summary>Fails unless the command succeeded.</summary>
    public BipeOutcome RequireSuccess()
    {
        Assert.That(ExitCode, Is.Zero, Error);
        return this;
    }

    /// <summary>Fails unless the command ended with one sentence on standard error, and neither a result nor a stack trace.</summary>
    /// <param name="exitCode">The exit code wanted.</param>
    /// <param name="parts">What the sentence must contain.</param>
    public void RequireError(int exitCode, params string[] parts)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ExitCode, Is.EqualTo(exitCode), Error);
            Assert.That(Error, Does.StartWith("error: ").And.Match("[.?]\r?\n$"));
            Assert.That(Error.TrimEnd(), Does.Not.Contain("\n").And.Not.Contain("   at "));
            Assert.That(Output, Is.Empty);
            foreach (string part in parts)
            {
                Assert.That(Error, Does.Contain(part));
            }
        }
    }
}
