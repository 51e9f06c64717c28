namespace BiPE.Cli.Console;

/// <summary>Shows a long work on standard error. Calls come from one thread.</summary>
internal interface IProgressView : IProgress<ProgressState>
{
    /// <summary>Writes a line that stays, above a moving bar if there is one.</summary>
    /// <param name="line">The line.</param>
    void WriteLine(string line);
}
