using System.Buffers.Binary;
using System.Text;

namespace BiPE.Core.Checkpoints.Pickle;

/// <summary>
/// Where the entries of a zip archive lie in its file, also of one beyond 4 GiB (ZIP64). Format: PKWARE's APPNOTE, sections 4.3 and
/// 4.5.3. PyTorch stores entries as they are, so that their bytes can be used where they lie; compressed ones are refused.
/// </summary>
internal sealed class ZipDirectory
{
    private const uint EndSignature = 0x06054b50;
    private const uint LocatorSignature = 0x07064b50;
    private const uint End64Signature = 0x06064b50;
    private const uint EntrySignature = 0x02014b50;
    private const uint LocalSignature = 0x04034b50;
    private const int EndLength = 22;
    private const int LocatorLength = 20;
    private const int End64Length = 56;
    private const int EntryLength = 46;
    private const int LocalLength = 30;
    private const int MaximumComment = ushort.MaxValue;
    private const int MaximumDirectory = 64 << 20;
    private const ushort Zip64Field = 1;

    private readonly string _path;
    private readonly MappedBytes _file;
    private readonly Dictionary<string, (long Local, long Length, bool IsStored)> _entries = new(StringComparer.Ordinal);

    /// <summary>Reads the directory.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="file">Its bytes.</param>
    /// <exception cref="BipeException">The directory is cut or damaged.</exception>
    public ZipDirectory(string path, MappedBytes file)
    {
        _path = path;
        _file = file;
        (long count, long length, long offset) = FindDirectory();
        if (length > MaximumDirectory || offset < 0 || length < 0 || offset > file.Length - length)
        {
            throw Fault($"its zip directory of {length} bytes at {offset} does not lie in the file's {file.Length}");
        }

        ReadOnlySpan<byte> directory = file.Slice(offset, (int)length);
        for (long i = 0; i < count; i++)
        {
            directory = directory[ReadEntry(directory)..];
        }
    }

    /// <summary>Names of all entries.</summary>
    public IReadOnlyCollection<string> Names => _entries.Keys;

    /// <summary>Where an entry's bytes lie.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>First byte and number of bytes, or null if there is no such entry.</returns>
    /// <exception cref="BipeException">It is compressed or not all there.</exception>
    public (long Offset, long Length)? Find(string name)
    {
        if (!_entries.TryGetValue(name, out var entry))
        {
            return null;
        }

        if (!entry.IsStored)
        {
            throw PickleFault.Unsupported(_path, $"has the entry {PickleFault.Quote(name)} compressed or encrypted, unlike PyTorch's own files");
        }

        if (entry.Local < 0 || entry.Local > _file.Length - LocalLength)
        {
            throw Fault($"its entry {PickleFault.Quote(name)} would begin at byte {entry.Local} of {_file.Length}");
        }

        ReadOnlySpan<byte> header = _file.Slice(entry.Local, LocalLength);
        long begin = entry.Local + LocalLength + UInt16(header, 26) + UInt16(header, 28);
        if (UInt32(header, 0) != LocalSignature || entry.Length < 0 || begin > _file.Length - entry.Length)
        {
            throw Fault($"its entry {PickleFault.Quote(name)} of {entry.Length} bytes is not where its directory says");
        }

        return (begin, entry.Length);
    }

    private (long Count, long Length, long Offset) FindDirectory()
    {
        int tailLength = (int)Math.Min(_file.Length, EndLength + MaximumComment);
        ReadOnlySpan<byte> tail = _file.Slice(_file.Length - tailLength, tailLength);
        for (int at = tailLength - EndLength; at >= 0; at--)
        {
            if (UInt32(tail, at) != EndSignature || UInt16(tail, at + 20) != tailLength - at - EndLength)
            {
                continue;
            }

            (long count, long length, long offset) = (UInt16(tail, at + 10), UInt32(tail, at + 12), UInt32(tail, at + 16));
            bool isLarge = count == ushort.MaxValue || length == uint.MaxValue || offset == uint.MaxValue;
            return isLarge ? FindLargeDirectory(_file.Length - tailLength + at) : (count, length, offset);
        }

        throw Fault("it has no zip directory at its end, so it is cut short");
    }

    private (long Count, long Length, long Offset) FindLargeDirectory(long end)
    {
        if (end >= LocatorLength && _file.Slice(end - LocatorLength, LocatorLength) is var locator && UInt32(locator, 0) == LocatorSignature
            && Int64(locator, 8) is >= 0 and long at && at <= _file.Length - End64Length
            && _file.Slice(at, End64Length) is var record && UInt32(record, 0) == End64Signature)
        {
            return (Int64(record, 32), Int64(record, 40), Int64(record, 48));
        }

        throw Fault("its ZIP64 directory is not where the file's end says");
    }

    /// <summary>Takes one entry over and says how long its record is.</summary>
    private int ReadEntry(ReadOnlySpan<byte> directory)
    {
        if (directory.Length < EntryLength || UInt32(directory, 0) != EntrySignature)
        {
            throw Fault($"its zip directory breaks off after {_entries.Count} entries");
        }

        int nameLength = UInt16(directory, 28);
        int extraLength = UInt16(directory, 30);
        int recordLength = EntryLength + nameLength + extraLength + UInt16(directory, 32);
        if (recordLength > directory.Length)
        {
            throw Fault($"its zip directory breaks off in entry {_entries.Count + 1}");
        }

        string name = Encoding.UTF8.GetString(directory.Slice(EntryLength, nameLength));
        long packed = UInt32(directory, 20);
        long length = UInt32(directory, 24);
        long local = UInt32(directory, 42);
        ReadOnlySpan<byte> large = LargeFields(directory.Slice(EntryLength + nameLength, extraLength));
        length = Widen(length, ref large);
        packed = Widen(packed, ref large);
        local = Widen(local, ref large);
        bool isStored = UInt16(directory, 10) == 0 && (UInt16(directory, 8) & 1) == 0 && packed == length;
        return _entries.TryAdd(name, (local, length, isStored)) ? recordLength : throw Fault($"it has the entry {PickleFault.Quote(name)} twice");
    }

    /// <summary>The extra field with 64-bit numbers, empty if there is none.</summary>
    private static ReadOnlySpan<byte> LargeFields(ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            int length = Math.Min(UInt16(extra, 2), extra.Length - 4);
            if (UInt16(extra, 0) == Zip64Field)
            {
                return extra.Slice(4, length);
            }

            extra = extra[(4 + length)..];
        }

        return [];
    }

    /// <summary>The next 64-bit number where the 32-bit one has no room for it.</summary>
    private long Widen(long value, ref ReadOnlySpan<byte> large)
    {
        if (value != uint.MaxValue)
        {
            return value;
        }

        if (large.Length < sizeof(long))
        {
            throw Fault("its zip directory lacks a 64-bit number");
        }

        value = Int64(large, 0);
        large = large[sizeof(long)..];
        return value;
    }

    private static int UInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint UInt32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static long Int64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);

    private BipeException Fault(string what) => PickleFault.Damaged(_path, what);
}
