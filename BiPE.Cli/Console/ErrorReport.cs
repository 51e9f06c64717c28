using System.CommandLine;
using System.CommandLine.Parsing;
using BiPE.Core;
using Spectre.Console;

namespace BiPE.Cli.Console;

/// <summary>Turns what went wrong into one sentence on standard error and an exit code.</summary>
internal static class ErrorReport
{
    /// <summary>Exit code of an interrupted command: 128 + the number of SIGINT, as shells have it.</summary>
    public const int InterruptedCode = 130;

    private const int FailureCode = 1;
    private const int WrongUsageCode = 2;

    /// <summary>Tells the most telling fault of the command line and where help is.</summary>
    /// <param name="parsed">A command line with errors.</param>
    public static int WrongUsage(ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);

        // A mistyped word explains why something else is missing.
        string fault = parsed.UnmatchedTokens.Count > 0
            ? $"There is no command or option '{parsed.UnmatchedTokens[0]}' here"
            : parsed.Errors[0].Message.Trim().TrimEnd('.');
        WriteError($"{fault}; see '{CommandPath(parsed.CommandResult)} --help'.");
        return WrongUsageCode;
    }

    /// <summary>Tells why a command stopped.</summary>
    /// <param name="exception">What it threw.</param>
    /// <param name="showsStackTraces">Whether the whole exception follows.</param>
    public static int Failure(Exception exception, bool showsStackTraces)
    {
        ArgumentNullException.ThrowIfNull(exception);
        Exception cause = exception is AggregateException { InnerExceptions.Count: 1 } aggregate ? aggregate.InnerExceptions[0] : exception;
        if (cause is OperationCanceledException)
        {
            Terminal.Note("Interrupted.");
            return InterruptedCode;
        }

        WriteError(Sentence(cause));
        if (showsStackTraces)
        {
            StandardStreams.Error.WriteLine(exception);
        }

        return FailureCode;
    }

    private static string Sentence(Exception exception) => exception switch
    {
        BipeException => exception.Message,
        OutOfMemoryException => "The memory of this machine does not suffice; use a smaller model, batch or block size.",
        IOException or UnauthorizedAccessException => $"Reading or writing failed: {exception.Message}",
        _ => $"Unexpected {exception.GetType().Name}, a fault of bipe itself: {exception.Message.TrimEnd('.')}; run it again with --debug to see where.",
    };

    private static void WriteError(string sentence)
    {
        // The sentence itself goes around Spectre, which would read markup in it and break lines.
        if (Terminal.ErrorIsInteractive)
        {
            Terminal.ErrorConsole.Markup("[red]error:[/] ");
        }
        else
        {
            StandardStreams.Error.Write("error: ");
        }

        StandardStreams.Error.WriteLine(Terminal.OneLine(sentence));
    }

    private static string CommandPath(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{CommandPath(parent)} {command.Command.Name}" : "bipe";
}
