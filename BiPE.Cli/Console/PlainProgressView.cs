using System.Globalization;

namespace BiPE.Cli.Console;

/// <summary>A line every ten seconds, for logs.</summary>
internal sealed class PlainProgressView : IProgressView
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly string _title;
    private readonly TextWriter _writer;
    private readonly TimeProvider _time;
    private readonly RemainingTime _remaining;
    private long _written;

    public PlainProgressView(string title, TextWriter writer, TimeProvider time)
    {
        _title = title;
        _writer = writer;
        _time = time;
        _remaining = new RemainingTime(time);
        _written = time.GetTimestamp();
    }

    public void Report(ProgressState value)
    {
        string eta = _remaining.Describe(value);
        if (_time.GetElapsedTime(_written) < Interval)
        {
            return;
        }

        _written = _time.GetTimestamp();
        string share = value.Total > 0 ? string.Create(CultureInfo.InvariantCulture, $"{100 * value.Done / value.Total:F0}%") : "";
        string[] parts = [share, value.Details, eta];
        _writer.WriteLine($"{_title}: {string.Join(", ", parts.Where(part => part.Length > 0))}");
    }

    public void WriteLine(string line) => _writer.WriteLine(line);
}
