using System.Text;
using Spectre.Console;

namespace BiPE.Cli.Console;

/// <summary>Results go to standard output, everything else (notes, progress, errors) to standard error.</summary>
internal static class Terminal
{
    private static readonly Lazy<IAnsiConsole> LazyError = new(() => AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(System.Console.Error) }));

    /// <summary>Whether someone watches standard error, so that colours and moving bars make sense.</summary>
    public static bool ErrorIsInteractive => !StandardStreams.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb";

    /// <summary>Whether someone watches standard output.</summary>
    public static bool OutputIsInteractive => !StandardStreams.IsOutputRedirected;

    /// <summary>Whether standard output is a terminal that shows 256 colours, and NO_COLOR does not forbid them.</summary>
    public static bool OutputShowsColors =>
        OutputIsInteractive && AnsiConsole.Profile.Capabilities is { Ansi: true, ColorSystem: ColorSystem.EightBit or ColorSystem.TrueColor };

    /// <summary>Standard error for Spectre's widgets.</summary>
    public static IAnsiConsole ErrorConsole => LazyError.Value;

    /// <summary>Writes a line of the result.</summary>
    public static void WriteResult(string line) => StandardStreams.Output.WriteLine(line);

    /// <summary>Writes a remark that is no part of the result.</summary>
    public static void Note(string message) => StandardStreams.Error.WriteLine(OneLine(message));

    /// <summary>The message without line feeds and other control characters, so that it stays one line and cannot steer the terminal.</summary>
    public static string OneLine(string message)
    {
        var line = new StringBuilder(message.Length);
        foreach (char character in message)
        {
            bool isSpace = char.IsControl(character) || char.IsWhiteSpace(character);
            if (!isSpace)
            {
                line.Append(character);
            }
            else if (line.Length > 0 && line[^1] != ' ')
            {
                line.Append(' ');
            }
        }

        return line.ToString().TrimEnd();
    }
}
