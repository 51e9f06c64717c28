using Spectre.Console;

namespace BiPE.Cli.Console;

/// <summary>A table on standard output: framed on a terminal, Markdown in a file or pipe.</summary>
internal sealed class ResultTable
{
    private readonly List<string[]> _rows = [];

    /// <summary>Creates a table.</summary>
    /// <param name="first">Header of the first column, which is text.</param>
    /// <param name="others">Headers of the other columns, which are numbers.</param>
    public ResultTable(string first, params IEnumerable<string> others) => _rows.Add([first, .. others]);

    /// <summary>Adds a row.</summary>
    /// <param name="cells">As many texts as there are columns.</param>
    public void AddRow(params IEnumerable<string> cells) => _rows.Add([.. cells.Select(Terminal.OneLine)]);

    /// <summary>Writes the table.</summary>
    public void Write()
    {
        if (Terminal.OutputIsInteractive)
        {
            AnsiConsole.Write(ToFrame());
        }
        else
        {
            WriteMarkdown(StandardStreams.Output);
        }
    }

    /// <summary>Writes the table as Markdown.</summary>
    /// <param name="writer">Receives it.</param>
    public void WriteMarkdown(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        string[][] cells = [.. _rows.Select(row => row.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)).ToArray())];
        int[] widths = [.. Enumerable.Range(0, cells[0].Length).Select(column => Math.Max(3, cells.Max(row => row[column].Length)))];
        foreach ((int index, string[] row) in cells.Index())
        {
            writer.WriteLine($"| {string.Join(" | ", row.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column])))} |");
            if (index == 0)
            {
                writer.WriteLine($"| {string.Join(" | ", widths.Select((width, column) => new string('-', width - 1) + (column == 0 ? '-' : ':')))} |");
            }
        }
    }

    private Table ToFrame()
    {
        Table table = new Table().Border(TableBorder.Rounded);
        foreach ((int index, string header) in _rows[0].Index())
        {
            var column = new TableColumn(Markup.Escape(header));
            table.AddColumn(index == 0 ? column : column.RightAligned());
        }

        foreach (string[] row in _rows.Skip(1))
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        return table;
    }
}
