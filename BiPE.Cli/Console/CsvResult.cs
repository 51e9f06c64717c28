using System.Globalization;
using BiPE.Core;
using BiPE.Core.Checkpoints;

namespace BiPE.Cli.Console;

/// <summary>Writes tables as comma-separated values (RFC 4180, but with line feeds alone).</summary>
internal static class CsvResult
{
    /// <summary>Refuses a target that cannot be written, before the work for it is done.</summary>
    /// <param name="target">The file, or null.</param>
    /// <exception cref="BipeException">It is a folder or a results file, or lies where nothing can be written.</exception>
    public static void RequireWritable(string? target)
    {
        if (target is not null)
        {
            ResultTarget.RequireWritable(target, "--csv");
        }
    }

    /// <summary>Writes a table; numbers have all their digits, null is an empty cell.</summary>
    /// <param name="target">The file.</param>
    /// <param name="rows">Header and rows.</param>
    public static void Write(string target, IEnumerable<IReadOnlyList<object?>> rows)
    {
        AtomicFile.WriteText(target, string.Concat(rows.Select(row => string.Join(',', row.Select(Cell)) + "\n")));
        Terminal.Note($"Wrote {target}.");
    }

    private static string Cell(object? value)
    {
        string text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        return text.AsSpan().ContainsAny(",\"\n\r") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
