namespace BiPE.Cli.Console;

/// <summary>Guesses when a work will be done from its mean speed since the first report, so that a resumed work is not taken for a fast one.</summary>
internal sealed class RemainingTime
{
    /// <summary>Nobody waits for what takes longer, and a <see cref="TimeSpan"/> may not hold it.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1000);

    private readonly TimeProvider _time;
    private long _start;
    private double? _doneAtStart;

    public RemainingTime(TimeProvider time) => _time = time;

    /// <summary>"ETA 1m 20s", or nothing while there is nothing to judge by or if it is years.</summary>
    /// <param name="state">Latest report.</param>
    public string Describe(ProgressState state)
    {
        if (_doneAtStart is not { } doneAtStart)
        {
            _doneAtStart = state.Done;
            _start = _time.GetTimestamp();
            return "";
        }

        double done = state.Done - doneAtStart;
        double left = state.Total - state.Done;
        double seconds = _time.GetElapsedTime(_start).TotalSeconds * (left / done);
        return done > 0 && left > 0 && seconds <= Longest.TotalSeconds ? $"ETA {Quantity.Duration(TimeSpan.FromSeconds(seconds))}" : "";
    }
}
