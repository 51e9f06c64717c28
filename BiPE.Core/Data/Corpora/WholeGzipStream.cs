using System.IO.Compression;

namespace BiPE.Core.Data.Corpora;

/// <summary>
/// Decompresses gzip and refuses files that are cut off, which <see cref="GZipStream"/> takes for whole ones unless a switch
/// of the whole process says otherwise. A member with a known text is appended to the file: only if all members before it are
/// complete does the decompressor reach it, and its text is the last that comes out. Zeros behind the last member, with which
/// tapes and block devices fill up a file, are no part of it.
/// </summary>
internal sealed class WholeGzipStream : ReadOnlyStream
{
    private static readonly byte[] EndText = [.. "end of the file\0"u8];
    private static readonly byte[] EndMember = Compress(EndText);

    private readonly AppendingStream _source;
    private readonly byte[] _buffer = new byte[1 << 17];
    private int _heldBack = EndText.Length;
    private int _start;
    private int _end;
    private bool _ended;

    public WholeGzipStream(Stream raw)
        : this(new AppendingStream(raw, EndMember))
    {
    }

    private WholeGzipStream(AppendingStream source)
        : base(new GZipStream(source, CompressionMode.Decompress)) => _source = source;

    /// <exception cref="InvalidDataException">The file is corrupt, cut off, or something else follows its last member.</exception>
    public override int Read(Span<byte> buffer)
    {
        // The last bytes are held back, for they may be the appended ones.
        while (!_ended && _end - _start <= _heldBack)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
            int read = Inner.Read(_buffer, _end, _buffer.Length - _end);
            _end += read;
            _ended = read == 0;
            if (_ended && _source.StoppedAtLastZeros())
            {
                _heldBack = 0;
            }
        }

        if (_ended && _heldBack > 0 && !_buffer.AsSpan(_start, _end - _start).SequenceEqual(EndText))
        {
            throw new InvalidDataException("its last gzip member does not end");
        }

        int count = Math.Min(buffer.Length, _end - _start - _heldBack);
        _buffer.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    private static byte[] Compress(byte[] text)
    {
        var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest))
        {
            gzip.Write(text);
        }

        return bytes.ToArray();
    }

    /// <summary>
    /// A stream with some bytes more at its end. Zeros that may be its last bytes are given one at a time: the decompressor asks for
    /// more only when it has used what it was given, so it is known at which of them it stopped.
    /// </summary>
    private sealed class AppendingStream(Stream inner, byte[] appended) : ReadOnlyStream(inner)
    {
        private int _given;
        private int _zeros;
        private bool _gaveZero;

        public override int Read(Span<byte> buffer)
        {
            if (buffer.IsEmpty)
            {
                return 0;
            }

            if (_zeros == 0 && _given == 0)
            {
                int read = Inner.Read(buffer);
                int used = buffer[..read].LastIndexOfAnyExcept((byte)0) + 1;
                _zeros = read - used;
                _gaveZero &= read == 0;
                if (used > 0)
                {
                    return used;
                }
            }

            if (_zeros > 0)
            {
                _zeros--;
                _gaveZero = true;
                buffer[0] = 0;
                return 1;
            }

            int count = Math.Min(buffer.Length, appended.Length - _given);
            appended.AsSpan(_given, count).CopyTo(buffer);
            _given += count;
            return count;
        }

        /// <summary>Whether the last byte given was a zero, though there was more to give, and all others up to the end are zeros.</summary>
        public bool StoppedAtLastZeros()
        {
            if (!_gaveZero || _given > 0)
            {
                return false;
            }

            var rest = new byte[1 << 13];
            int read;
            do
            {
                read = Inner.Read(rest);
            }
            while (read > 0 && !rest.AsSpan(0, read).ContainsAnyExcept((byte)0));
            return read == 0;
        }
    }
}
