namespace BiPE.Core.Data.Corpora;

/// <summary>A stream, perhaps of a pipe, whose first bytes can be looked at before it is read.</summary>
internal sealed class RewoundStream : ReadOnlyStream
{
    private readonly byte[] _start;
    private int _given;

    /// <summary>Reads the first bytes.</summary>
    /// <param name="raw">The stream, at its beginning.</param>
    /// <param name="length">Number of bytes to look at.</param>
    public RewoundStream(Stream raw, int length)
        : base(raw)
    {
        byte[] start = new byte[length];
        _start = start[..raw.ReadAtLeast(start, length, throwOnEndOfStream: false)];
    }

    /// <summary>The first bytes; fewer than asked for if there are no more.</summary>
    public ReadOnlySpan<byte> Start => _start;

    public override int Read(Span<byte> buffer)
    {
        if (_given == _start.Length)
        {
            return Inner.Read(buffer);
        }

        int count = Math.Min(buffer.Length, _start.Length - _given);
        _start.AsSpan(_given, count).CopyTo(buffer);
        _given += count;
        return count;
    }
}
