using Spectre.Console;

namespace BiPE.Cli.Console;

/// <summary>A bar that moves.</summary>
internal sealed class BarProgressView : IProgressView
{
    private readonly IAnsiConsole _console;
    private readonly ProgressTask _task;
    private readonly ProgressDetailsColumn _details;
    private readonly RemainingTime _remaining = new(TimeProvider.System);

    public BarProgressView(IAnsiConsole console, ProgressTask task, ProgressDetailsColumn details)
    {
        _details = details;
        _console = console;
        _task = task;
    }

    public void Report(ProgressState value)
    {
        string eta = _remaining.Describe(value);
        _details.Text = eta.Length == 0 ? value.Details : $"{value.Details}  {eta}";
        _task.IsIndeterminate = value.Total <= 0;
        _task.MaxValue = Math.Max(value.Total, 1);
        _task.Value = value.Done;
    }

    public void WriteLine(string line) => _console.WriteLine(line);
}
