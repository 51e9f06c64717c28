namespace BiPE.Core.Data.Corpora;

/// <summary>
/// Passes reads on and counts their bytes, so that progress is known in bytes of the file, compressed or not. What is read twice
/// counts only up to the file's length, and what a reader passes over counts at the end. Cancels here, too, so that a pass which
/// takes no document for a long while still stops at once.
/// </summary>
internal sealed class CountingStream(Stream inner, CorpusReading reading, CancellationToken cancellation) : ReadOnlyStream(inner)
{
    // A pipe has no length; nothing in it is read twice or passed over.
    private readonly long? _length = inner.CanSeek ? inner.Length : null;
    private long _counted;

    public override bool CanSeek => Inner.CanSeek;

    public override long Position
    {
        get => Inner.Position;
        set => Inner.Position = value;
    }

    public override int Read(Span<byte> buffer)
    {
        cancellation.ThrowIfCancellationRequested();
        int count = Inner.Read(buffer);
        Count(Math.Min(count, Left ?? count));
        return count;
    }

    /// <summary>Reads at once: those who read asynchronously wait for it anyway.</summary>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Task.FromResult(Read(buffer.AsSpan(offset, count)));

    public override long Seek(long offset, SeekOrigin origin) => Inner.Seek(offset, origin);

    /// <summary>Counts what was never read of a file that is done with.</summary>
    public void CountRest() => Count(Left ?? 0);

    private long? Left => _length - _counted;

    private void Count(long bytes)
    {
        _counted += bytes;
        reading.CountBytes(bytes);
    }
}
