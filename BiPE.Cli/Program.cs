using System.CommandLine;
using BiPE.Cli.Commands;
using BiPE.Cli.Console;

namespace BiPE.Cli;

internal static class Program
{
    public static int Main(string[] arguments)
    {
        using var interruption = new Interruption();
        return Run(arguments, interruption.Token);
    }

    /// <summary>Runs a command line on the <see cref="StandardStreams"/>.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="cancellation">Stops the command as Ctrl-C does.</param>
    /// <returns>The exit code.</returns>
    public static int Run(string[] arguments, CancellationToken cancellation)
    {
        bool showsStackTraces = arguments.Contains(BipeRootCommand.DebugOption) || Environment.GetEnvironmentVariable("BIPE_DEBUG") == "1";
        try
        {
            // An argument that starts with '@' is a value here and no response file.
            ParseResult parsed = new BipeRootCommand().Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (parsed.Errors.Count > 0 && parsed.Action?.ClearsParseErrors != true)
            {
                return ErrorReport.WrongUsage(parsed);
            }

            var settings = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
                Output = StandardStreams.Output,
                Error = StandardStreams.Error,
            };
            return parsed.InvokeAsync(settings, cancellation).GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            return ErrorReport.Failure(e, showsStackTraces);
        }
    }
}
