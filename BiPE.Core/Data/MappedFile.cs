using System.IO.MemoryMappedFiles;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace BiPE.Core.Data;

/// <summary>
/// A file of little-endian integers mapped into memory for reading. Callers check their ranges against the size they know;
/// every read holds the mapping, so that disposing on another thread cannot pull it away.
/// </summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public MappedFile(string path)
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("Token shards are mapped as they lie on the disk, in little-endian order.");
        }

        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        try
        {
            _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>Reads 16-bit ids from element <paramref name="start"/> on.</summary>
    public void ReadUInt16(long start, Span<int> destination)
    {
        byte* data = Acquire();
        try
        {
            TensorPrimitives.ConvertTruncating(new ReadOnlySpan<ushort>((ushort*)data + start, destination.Length), destination);
        }
        finally
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    /// <summary>Reads 32-bit ids from element <paramref name="start"/> on.</summary>
    public void ReadInt32(long start, Span<int> destination)
    {
        byte* data = Acquire();
        try
        {
            new ReadOnlySpan<int>((int*)data + start, destination.Length).CopyTo(destination);
        }
        finally
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    /// <summary>Reads the 64-bit integer at element <paramref name="index"/>.</summary>
    public long ReadInt64(long index)
    {
        byte* data = Acquire();
        try
        {
            return ((long*)data)[index];
        }
        finally
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
        }
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }

    private byte* Acquire()
    {
        SafeBuffer handle = _view.SafeMemoryMappedViewHandle;
        ObjectDisposedException.ThrowIf(handle.IsClosed, this);
        byte* data = null;
        handle.AcquirePointer(ref data);
        return data + _view.PointerOffset;
    }
}
