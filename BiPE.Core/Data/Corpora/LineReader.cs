using System.Buffers;

namespace BiPE.Core.Data.Corpora;

/// <summary>
/// Reads the lines of a UTF-8 stream as bytes. Memory grows to the longest line and never beyond the limit; a longer line is
/// passed over and marked. A byte order mark at the start of the stream is dropped.
/// </summary>
public sealed class LineReader : IDisposable
{
    private readonly Stream _stream;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(1 << 17);
    private int _start;
    private int _length;
    private int _next;
    private int _filled;
    private bool _ended;

    /// <summary>Creates a reader.</summary>
    /// <param name="stream">What to read; not disposed.</param>
    /// <param name="maximumBytes">Longest line that is read; strings hold 2^30 characters, so the default loses nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">The longest line is not positive.</exception>
    public LineReader(Stream stream, int maximumBytes = 1 << 30)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maximumBytes);
        _stream = stream;
        MaximumBytes = maximumBytes;
    }

    /// <summary>Longest line that is read, in bytes without its line feed.</summary>
    public int MaximumBytes { get; }

    /// <summary>Number of the current line, counted from 1.</summary>
    public long Number { get; private set; }

    /// <summary>Whether the current line was longer than the limit; then <see cref="Line"/> is empty.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>The current line without its line feed; valid until the next <see cref="Read"/>.</summary>
    public ReadOnlySpan<byte> Line => IsTooLong ? [] : _buffer.AsSpan(_start, _length);

    /// <summary>Whether the current line holds white space alone.</summary>
    public bool IsBlank => !IsTooLong && Line.IndexOfAnyExcept(" \t\r"u8) < 0;

    /// <summary>Goes to the next line; false at the end.</summary>
    public bool Read()
    {
        _start = _next;
        int scanned = _start;
        IsTooLong = false;
        while (true)
        {
            int feed = _buffer.AsSpan(scanned, _filled - scanned).IndexOf((byte)'\n');
            if (feed >= 0)
            {
                _length = scanned + feed - _start;
                _next = scanned + feed + 1;
                break;
            }

            if (_filled - _start > MaximumBytes)
            {
                IsTooLong = true;
                _start = _filled = 0;
            }

            if (_ended)
            {
                _length = _filled - _start;
                _next = _filled;
                if (_length == 0 && !IsTooLong)
                {
                    return false;
                }

                break;
            }

            scanned = Fill();
        }

        IsTooLong |= _length > MaximumBytes;
        if (Number++ == 0 && Line.StartsWith("\uFEFF"u8))
        {
            _start += 3;
            _length -= 3;
        }

        return true;
    }

    /// <summary>Gives the buffer back; the stream stays open.</summary>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _length = _next = _filled = 0;
        _ended = true;
    }

    /// <summary>Reads more behind the bytes from <c>_start</c> on, which it moves to the front; returns where the new bytes start.</summary>
    private int Fill()
    {
        int kept = _filled - _start;
        if (_start > 0)
        {
            _buffer.AsSpan(_start, kept).CopyTo(_buffer);
            _start = 0;
        }

        if (kept == _buffer.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(2L * kept, Array.MaxLength));
            _buffer.AsSpan().CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        int read = _stream.Read(_buffer, kept, _buffer.Length - kept);
        _ended = read == 0;
        _filled = kept + read;
        return kept;
    }
}
