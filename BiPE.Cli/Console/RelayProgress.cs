namespace BiPE.Cli.Console;

/// <summary>Hands each report on at once and on the same thread.</summary>
/// <typeparam name="T">Kind of report.</typeparam>
internal sealed class RelayProgress<T> : IProgress<T>
{
    private readonly Action<T> _report;

    public RelayProgress(Action<T> report) => _report = report;

    public void Report(T value) => _report(value);
}
