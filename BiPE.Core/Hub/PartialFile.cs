namespace BiPE.Core.Hub;

/// <summary>
/// A file that is not whole yet: its first bytes in NAME.partial, what they are a part of in NAME.partial.json. Only a
/// whole and checked file gets its name.
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private const int BufferBytes = 1 << 18;

    private readonly string _target;
    private readonly HubFile _file;
    private readonly ContentHash _hash;
    private readonly FileStream _stream;
    private PartialRecord _record;
    private long _hashed;

    private PartialFile(string target, HubFile file, PartialRecord record)
    {
        _target = target;
        _file = file;
        _record = record;
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);

        // Opening for this process alone is also the lock against a second one that fetches the same file.
        _stream = new FileStream(PathOf(target), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        _hash = new ContentHash(file);
        Length = _stream.Length;
    }

    /// <summary>Bytes there.</summary>
    public long Length { get; private set; }

    /// <summary>The tag the server gave the bytes that are there.</summary>
    public string? Tag => _record.Tag;

    /// <summary>Whether <see cref="Open"/> found bytes of another content and dropped them.</summary>
    public bool DroppedOther { get; private init; }

    /// <summary>Path of the partial file of a file.</summary>
    public static string PathOf(string target) => target + HubPath.PartialEnding;

    /// <summary>Bytes that a fetch would not need again.</summary>
    public static long LengthOf(string target, HubFile file, string commit)
    {
        var partial = new FileInfo(PathOf(target));
        bool isPart = partial.Exists && partial.Length <= file.Size
            && PartialRecord.Read(target + HubPath.PartialRecordEnding)?.IsOfSameContent(new PartialRecord(commit, file.Size, file.Hash, null)) == true;
        return isPart ? partial.Length : 0;
    }

    /// <summary>Opens what is there of a file, or starts it.</summary>
    /// <exception cref="BipeException">The disk does not take it, or another process has it open.</exception>
    public static PartialFile Open(string target, HubFile file, string commit)
    {
        string recordPath = target + HubPath.PartialRecordEnding;
        var wanted = new PartialRecord(commit, file.Size, file.Hash, null);
        PartialFile? partial = null;
        try
        {
            PartialRecord? found = PartialRecord.Read(recordPath);
            bool isPart = found?.IsOfSameContent(wanted) == true;
            partial = new PartialFile(target, file, isPart ? found! : wanted) { DroppedOther = !isPart && File.Exists(recordPath) };
            if (!isPart || partial.Length > file.Size)
            {
                // Bytes go before the record that tells whose they are changes, so that no crash in between can mix two contents.
                partial.Truncate(0);
                partial._record.Write(recordPath);
            }

            return partial;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            partial?.Dispose();
            throw DiskFault.Explain(PathOf(target), e);
        }
        catch
        {
            partial?.Dispose();
            throw;
        }
    }

    /// <summary>Reads what is there and was not hashed yet.</summary>
    /// <param name="cancellation">Ends the work.</param>
    public async Task HashAsync(CancellationToken cancellation)
    {
        if (_hashed == Length)
        {
            return;
        }

        var buffer = new byte[BufferBytes];
        _stream.Position = _hashed;
        while (_hashed < Length)
        {
            int count = await _stream.ReadAsync(buffer, cancellation);
            if (count == 0)
            {
                throw new BipeException($"'{PathOf(_target)}' became shorter while it was read; let nothing else write to it.");
            }

            _hash.Append(buffer.AsSpan(0, count));
            _hashed += count;
        }
    }

    /// <summary>Adds bytes at the end, all of whose predecessors are hashed.</summary>
    /// <exception cref="BipeException">The disk does not take them.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _stream.Position = Length;
            _stream.Write(bytes);
        }
        catch (IOException e)
        {
            throw DiskFault.Explain(PathOf(_target), e);
        }

        _hash.Append(bytes);
        Length += bytes.Length;
        _hashed = Length;
    }

    /// <summary>Drops bytes from the end.</summary>
    /// <param name="length">Bytes to keep.</param>
    public void Truncate(long length)
    {
        if (_stream.Length != length)
        {
            _stream.SetLength(length);
        }

        Length = length;
        _hash.Reset();
        _hashed = 0;
    }

    /// <summary>Remembers the tag of the bytes that come now, where no hash tells contents apart.</summary>
    public void SetTag(string? tag)
    {
        if (_file.Hash is null && _record.Tag != tag)
        {
            _record = _record with { Tag = tag };
            _record.Write(_target + HubPath.PartialRecordEnding);
        }
    }

    /// <summary>Hash of the whole file; null if the hub has none to compare with.</summary>
    public string? CurrentHash() => _hash.Current();

    /// <summary>Gives the whole file its name.</summary>
    /// <exception cref="BipeException">The disk does not take it.</exception>
    public void Complete()
    {
        try
        {
            _stream.Flush(flushToDisk: true);
            _stream.Dispose();
            File.Move(PathOf(_target), _target, overwrite: true);
            File.Delete(_target + HubPath.PartialRecordEnding);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiskFault.Explain(_target, e);
        }
    }

    /// <summary>Removes it.</summary>
    public void Discard()
    {
        _stream.Dispose();
        File.Delete(PathOf(_target));
        File.Delete(_target + HubPath.PartialRecordEnding);
    }

    public void Dispose()
    {
        // An empty part helps nobody.
        bool isEmpty = _stream.CanWrite && Length == 0;
        _stream.Dispose();
        _hash.Dispose();
        if (isEmpty && _file.Size > 0)
        {
            Discard();
        }
    }
}
