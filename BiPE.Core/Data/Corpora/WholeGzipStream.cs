using System.IO.Compression;

namespace BiPE.Core.Data.Corpora;

/// <summary>
/// Decompresses gzip and refuses files that are cut off, which <see cref="GZipStream"/> takes for whole ones unless a switch
/// of the whole process says otherwise. A member with a known text is appended to the file: only if all members before it are
/// complete does the decompressor reach it, and its text is the last that comes out.
/// </summary>
internal sealed class WholeGzipStream : ReadOnlyStream
{
    private static readonly byte[] EndText = [.. "end of the file\0"u8];
    private static readonly byte[] EndMember = Compress(EndText);

    private readonly byte[] _buffer = new byte[1 << 17];
    private int _start;
    private int _end;
    private bool _ended;

    public WholeGzipStream(Stream raw)
        : base(new GZipStream(new AppendingStream(raw, EndMember), CompressionMode.Decompress))
    {
    }

    /// <exception cref="InvalidDataException">The file is corrupt, cut off, or something else follows its last member.</exception>
    public override int Read(Span<byte> buffer)
    {
        // The last bytes are held back, for they may be the appended ones.
        while (!_ended && _end - _start <= EndText.Length)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
            int read = Inner.Read(_buffer, _end, _buffer.Length - _end);
            _end += read;
            _ended = read == 0;
        }

        if (_ended && !_buffer.AsSpan(_start, _end - _start).SequenceEqual(EndText))
        {
            throw new InvalidDataException("its last gzip member does not end");
        }

        int count = Math.Min(buffer.Length, _end - _start - EndText.Length);
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

    /// <summary>A stream with some bytes more at its end.</summary>
    private sealed class AppendingStream(Stream inner, byte[] appended) : ReadOnlyStream(inner)
    {
        private int _given;

        public override int Read(Span<byte> buffer)
        {
            int count = _given == 0 ? Inner.Read(buffer) : 0;
            if (count > 0 || buffer.IsEmpty)
            {
                return count;
            }

            count = Math.Min(buffer.Length, appended.Length - _given);
            appended.AsSpan(_given, count).CopyTo(buffer);
            _given += count;
            return count;
        }
    }
}
