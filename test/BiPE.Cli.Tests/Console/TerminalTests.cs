using BiPE.Cli.Console;

namespace BiPE.Cli.Tests.Console;

internal sealed class TerminalTests
{
    [Test]
    public void MessagesStayOnOneLineAndCannotSteerTheTerminal() =>
        Assert.That(Terminal.OneLine("a\r\nb\t\u001b[31mc [red] \u0007\n"), Is.EqualTo("a b [31mc [red]"));

    [Test]
    public void TablesInFilesAreMarkdown()
    {
        var table = new ResultTable("name", "value");
        table.AddRow("a|b", "1.5");
        table.AddRow("[c]\n", "100.25");
        using var writer = new StringWriter();
        table.WriteMarkdown(writer);

        string[] lines = writer.ToString().ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        Assert.That(lines, Is.EqualTo(["| name |  value |", "| ---- | -----: |", "| a\\|b |    1.5 |", "| [c]  | 100.25 |"]));
    }
}
