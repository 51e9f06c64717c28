using BiPE.Cli.Console;
using BiPE.Core.Training;

namespace BiPE.Cli.Commands;

/// <summary>What is said of a training that was interrupted.</summary>
internal static class TrainingStop
{
    /// <summary>Says what was saved and how to go on.</summary>
    /// <param name="output">The run's folder.</param>
    /// <param name="command">The command that goes on.</param>
    /// <returns>The exit code.</returns>
    public static int Report(string output, string command)
    {
        Terminal.Note(TrainingCheckpoint.Latest(output) is { } checkpoint
            ? $"Stopped; the checkpoint is {checkpoint}. Go on with: {command}"
            : "Stopped before the first step; there is nothing to go on from.");
        return ErrorReport.InterruptedCode;
    }
}
