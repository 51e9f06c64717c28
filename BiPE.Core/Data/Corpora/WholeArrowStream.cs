using System.Buffers.Binary;

namespace BiPE.Core.Data.Corpora;

/// <summary>
/// The bytes of an Arrow stream or file on their way to its reader, which takes memory for whatever length a message says it has, and
/// takes a stream that is cut off between two messages for a whole one. The reader asks for four bytes where a length stands, then for
/// the message's description, then for its body, each at once; a whole stream has a mark of its end and is not asked for more.
/// </summary>
internal sealed class WholeArrowStream(Stream raw) : ReadOnlyStream(raw)
{
    private const int LengthBytes = sizeof(int);
    private const int MagicLength = 6;
    private bool _describes;
    private bool _isFooter;

    /// <summary>Whether more was asked for than there is.</summary>
    public bool IsExhausted { get; private set; }

    /// <summary>Whether the current message's body was read.</summary>
    public bool HasReadBody { get; private set; }

    /// <summary>Bytes from here to the end.</summary>
    public long Left => Inner.Length - Inner.Position;

    public override bool CanSeek => Inner.CanSeek;

    public override long Position
    {
        get => Inner.Position;
        set => Inner.Position = value;
    }

    /// <exception cref="InvalidDataException">A length leads beyond the file's end.</exception>
    public override int Read(Span<byte> buffer)
    {
        int count = Inner.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        IsExhausted |= count < buffer.Length;
        if (buffer.Length == LengthBytes)
        {
            HasReadBody = false;
            _describes = true;
            RequireRoom(buffer[..count]);
        }
        else
        {
            RequireDescription(buffer[..count]);
            HasReadBody = !_describes;
            _describes = false;
        }

        return count;
    }

    public override long Seek(long offset, SeekOrigin origin) => Inner.Seek(offset, origin);

    private void RequireDescription(ReadOnlySpan<byte> bytes)
    {
        if (_describes && _isFooter)
        {
            ArrowDescription.RequireFooter(bytes);
        }
        else if (_describes)
        {
            ArrowDescription.RequireMessage(bytes);
        }
    }

    private void RequireRoom(ReadOnlySpan<byte> bytes)
    {
        // The footer of a file stands before its length, all else behind.
        _isFooter = Left == MagicLength;
        long room = _isFooter ? Inner.Position - LengthBytes : Left;
        if (bytes.Length == LengthBytes && BinaryPrimitives.ReadInt32LittleEndian(bytes) is var length && length > room)
        {
            throw new InvalidDataException($"it has a message of {length:N0} bytes where {room:N0} are left");
        }
    }
}
