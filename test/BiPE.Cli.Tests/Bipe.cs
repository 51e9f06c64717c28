using System.Text;
using BiPE.Cli.Console;

namespace BiPE.Cli.Tests;

/// <summary>
/// Runs <c>bipe</c> within the process of the tests, which saves starting and compiling it each time.
/// What only a process has, signals, an environment, pipes, is tested with <see cref="BipeProcess"/>.
/// </summary>
internal static class Bipe
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    /// <summary>Runs a command to its end.</summary>
    /// <param name="input">Standard input.</param>
    /// <param name="arguments">The command line.</param>
    public static BipeOutcome RunWithInput(string input, params IEnumerable<string> arguments)
    {
        string[] words = [.. arguments];
        using var stop = new CancellationTokenSource();
        using var output = new LastingStream();
        using var outputText = new StreamWriter(output, new UTF8Encoding(false)) { AutoFlush = true };
        using var error = new StringWriter();
        var streams = new CommandStreams(
            new MemoryStream(Encoding.UTF8.GetBytes(input)), output, TextWriter.Synchronized(outputText), TextWriter.Synchronized(error));

        // A thread of its own, so that the streams are replaced for this command alone.
        Task<int> command = Task.Factory.StartNew(
            () =>
            {
                StandardStreams.Replace(streams);
                return Program.Run(words, stop.Token);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (!command.Wait(Limit))
        {
            stop.Cancel();
            Assert.Fail($"bipe did not end within {Limit.TotalSeconds} seconds.");
        }

        return new BipeOutcome(command.Result, Encoding.UTF8.GetString(output.ToArray()), error.ToString());
    }

    /// <summary>Runs a command without input to its end.</summary>
    /// <param name="arguments">The command line.</param>
    public static BipeOutcome Run(params IEnumerable<string> arguments) => RunWithInput("", arguments);

    /// <summary>Goes on after a command has disposed it, as the standard output of a process does.</summary>
    private sealed class LastingStream : MemoryStream
    {
        public override void Close()
        {
        }
    }
}
