using System.CommandLine;
using BiPE.Cli.Commands;
using BiPE.Testing;

namespace BiPE.Cli.Tests.Commands;

internal sealed class HelpTests
{
    private static readonly Command Root = new BipeRootCommand();

    /// <summary>Every command as the words that call it.</summary>
    private static IEnumerable<string> Commands => [.. Walk(Root, "bipe").Select(entry => entry.Path)];

    [Test]
    public void RootHelpIsShown()
    {
        BipeOutcome outcome = BipeProcess.Run("--help").RequireSuccess();

        Assert.That(outcome.Output, Does.Contain("Examples:").And.Contain("eval").And.Not.Contain("--debug"));
    }

    [TestCaseSource(nameof(Commands))]
    public void EveryCommandHelpsWithExamplesThatItUnderstands(string command)
    {
        using var output = new StringWriter();
        int code = Root.Parse([.. command.Split(' ').Skip(1), "--help"]).Invoke(new InvocationConfiguration { Output = output });
        string[] lines = output.ToString().ReplaceLineEndings("\n").Split('\n');
        string[] examples = [.. lines.SkipWhile(line => line != "Examples:").Skip(1).Where(line => line.Length > 0)];

        Assert.That(code, Is.Zero);
        Assert.That(examples, Is.Not.Empty.And.All.StartsWith("  ").And.All.Contains(command));
        foreach (string example in examples)
        {
            string arguments = example[(example.IndexOf("bipe ", StringComparison.Ordinal) + 5)..].Split(['<', '>'])[0];
            Assert.That(Root.Parse(arguments).Errors.Select(error => error.Message), Is.Empty, example);
        }
    }

    [TestCaseSource(nameof(Commands))]
    public void EveryCommandAndOptionStandsInTheReference(string command)
    {
        string reference = File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, "docs", "commands.md"));
        Command symbol = Walk(Root, "bipe").Single(entry => entry.Path == command).Command;
        int start = reference.IndexOf($"\n## {command}\n", StringComparison.Ordinal);
        Assert.That(start, Is.GreaterThanOrEqualTo(0), "a section of its own");

        int end = reference.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
        string section = end < 0 ? reference[start..] : reference[start..end];
        foreach (Option option in symbol.Options.Where(option => !option.Hidden && !option.Recursive && option is not VersionOption))
        {
            Assert.That(section, Does.Contain($"`{option.Name}"), command);
        }
    }

    private static IEnumerable<(string Path, Command Command)> Walk(Command command, string path) =>
        command.Subcommands.SelectMany(child => Walk(child, $"{path} {child.Name}")).Prepend((path, command));
}
