using System.Buffers;
using Apache.Arrow.Memory;

namespace BiPE.Core.Data.Corpora;

/// <summary>
/// Memory for a reader of Arrow data, which asks for as much as the file says it needs. It asks first for a message's body and then,
/// if that is compressed, for its buffers; neither gets more than the file's bytes can fill.
/// </summary>
/// <param name="stream">What is read.</param>
internal sealed class BoundedArrowMemory(WholeArrowStream stream) : MemoryAllocator
{
    /// <summary>
    /// Zstandard's highest ratio, beyond LZ4's: a block of 128 KiB, all of one byte, takes four bytes (RFC 8878, section 3.1.1.2).
    /// </summary>
    private const long HighestRatio = (128 << 10) / 4;

    private long _buffers;

    /// <exception cref="InvalidDataException">The file cannot have so many bytes.</exception>
    protected override IMemoryOwner<byte> AllocateInternal(int length, out int bytesAllocated)
    {
        // Several buffers may name the same bytes, so that they are bounded together.
        _buffers = stream.HasReadBody ? _buffers + length : 0;
        if (stream.HasReadBody ? _buffers / HighestRatio > stream.Length : length > stream.Left)
        {
            throw new InvalidDataException(stream.HasReadBody
                ? $"its {stream.Length:N0} bytes cannot be {_buffers:N0} bytes when decompressed"
                : $"it has a message of {length:N0} bytes where {stream.Left:N0} are left");
        }

        bytesAllocated = length;
        return Default.Value.Allocate(length);
    }
}
