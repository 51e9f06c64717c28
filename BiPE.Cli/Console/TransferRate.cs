namespace BiPE.Cli.Console;

/// <summary>The speed of the last ten seconds.</summary>
internal sealed class TransferRate
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time;
    private readonly Queue<(long Timestamp, long Bytes)> _samples = new();

    public TransferRate(TimeProvider time) => _time = time;

    /// <summary>Takes a new reading.</summary>
    /// <param name="bytes">All bytes so far.</param>
    /// <returns>Bytes a second; 0 at the first reading.</returns>
    public double Update(long bytes)
    {
        long now = _time.GetTimestamp();
        _samples.Enqueue((now, bytes));
        while (_samples.Count > 2 && _time.GetElapsedTime(_samples.Peek().Timestamp, now) > Window)
        {
            _samples.Dequeue();
        }

        (long start, long bytesAtStart) = _samples.Peek();
        double seconds = _time.GetElapsedTime(start, now).TotalSeconds;
        return seconds > 0 ? (bytes - bytesAtStart) / seconds : 0;
    }
}
