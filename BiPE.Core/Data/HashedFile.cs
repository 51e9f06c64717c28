using System.IO.Hashing;

namespace BiPE.Core.Data;

/// <summary>A new file that is written front to back and hashed on the way.</summary>
internal sealed class HashedFile : IDisposable
{
    private readonly FileStream _stream;
    private readonly XxHash3 _hash = new();
    private byte[] _buffer = new byte[1 << 20];
    private int _filled;

    /// <summary>Opens the file alone for this process; what stood in it is lost.</summary>
    public HashedFile(string path) => _stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_filled == _buffer.Length)
            {
                Flush();
            }

            int count = Math.Min(bytes.Length, _buffer.Length - _filled);
            bytes[..count].CopyTo(_buffer.AsSpan(_filled));
            _filled += count;
            bytes = bytes[count..];
        }
    }

    /// <summary>Brings everything onto the disk and closes the file; returns its hash in hexadecimal.</summary>
    public string Complete()
    {
        Flush();
        _stream.Flush(flushToDisk: true);
        _stream.Dispose();
        return Convert.ToHexStringLower(_hash.GetCurrentHash());
    }

    public void Dispose()
    {
        _stream.Dispose();
        _buffer = [];
        _filled = 0;
    }

    /// <summary>The hash of a whole file, in hexadecimal.</summary>
    public static string HashOf(string path, CancellationToken cancellation)
    {
        var hash = new XxHash3();
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        byte[] buffer = new byte[1 << 20];
        int count;
        while ((count = stream.Read(buffer)) > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            hash.Append(buffer.AsSpan(0, count));
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private void Flush()
    {
        _hash.Append(_buffer.AsSpan(0, _filled));
        try
        {
            _stream.Write(_buffer, 0, _filled);
        }
        catch (ArgumentOutOfRangeException e)
        {
            // What .NET makes of EFBIG, which a quota or a file system with small files gives in the middle of a file.
            throw new IOException($"'{_stream.Name}' may not grow further.", e);
        }

        _filled = 0;
    }
}
