namespace BiPE.Core.Data.Corpora;

/// <summary>
/// Passes reads on and counts their bytes, so that progress is known in bytes of the file, compressed or not. Cancels here,
/// too, so that a pass which takes no document for a long while still stops at once.
/// </summary>
internal sealed class CountingStream(Stream inner, CorpusReading reading, CancellationToken cancellation) : ReadOnlyStream(inner)
{
    public override int Read(Span<byte> buffer)
    {
        cancellation.ThrowIfCancellationRequested();
        int count = Inner.Read(buffer);
        reading.CountBytes(count);
        return count;
    }
}
