using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;

namespace BiPE.Core.Checkpoints.Safetensors;

/// <summary>
/// A safetensors file, mapped into memory: the header is parsed and checked on opening, elements are converted when they
/// are read. Format: github.com/huggingface/safetensors. The file must not be shortened while it is open.
/// </summary>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private const int LengthBytes = 8;

    private readonly SafetensorsHeader _header;
    private readonly MemoryMappedFile _mapping;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _data;
    private bool _disposed;

    private SafetensorsFile(string path, FileStream stream)
    {
        Path = path;
        long length = stream.Length;
        if (length < LengthBytes)
        {
            throw new BipeException($"Safetensors file '{path}' has {length} bytes, fewer than a header takes; get the file again.");
        }

        Span<byte> prefix = stackalloc byte[Math.Max(LengthBytes, GitLfsPointer.StartLength)];
        prefix = prefix[..stream.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false)];
        GitLfsPointer.Refuse(path, prefix);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > SafetensorsHeader.MaximumLength || headerLength > (ulong)(length - LengthBytes))
        {
            throw new BipeException(
                $"Safetensors file '{path}' says its header has {headerLength} bytes, but the file has {length} and a header at most " +
                $"{SafetensorsHeader.MaximumLength}; it is cut short or not in this format, so get it again.");
        }

        _mapping = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        try
        {
            _view = _mapping.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
            byte* start = null;
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            start += _view.PointerOffset + LengthBytes;
            _header = SafetensorsHeader.Parse(path, new ReadOnlySpan<byte>(start, (int)headerLength), length - LengthBytes - (long)headerLength);
            _data = start + headerLength;
        }
        catch
        {
            Close();
            throw;
        }
    }

    /// <summary>The path given to <see cref="Open"/>.</summary>
    public string Path { get; }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _header.Entries;

    /// <summary>The <c>__metadata__</c> of the header; empty if there is none.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens a file and checks its whole header.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="BipeException">The file cannot be read, or its header breaks a rule of the format.</exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FileStream? stream = null;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            return new SafetensorsFile(path, stream);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            stream?.Dispose();
            throw new BipeException($"Cannot read the safetensors file '{path}': {e.Message}", e);
        }
        catch
        {
            stream?.Dispose();
            throw;
        }
    }

    /// <summary>Reads elements of a floating-point tensor as float32; float64 is rounded to nearest.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="first">Index of the first element in row-major order.</param>
    /// <param name="destination">Receives the elements <paramref name="first"/> .. <paramref name="first"/> + length - 1.</param>
    /// <exception cref="BipeException">There is no such tensor, or its type is not F32, F16, BF16 or F64.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range lies outside the tensor.</exception>
    public void ReadFloats(string name, long first, Span<float> destination)
    {
        var entry = Find(name, first, destination.Length);
        byte* source = Address(entry, first);
        int count = destination.Length;
        switch (entry.Type)
        {
            case SafetensorsType.Float32:
                new ReadOnlySpan<float>(source, count).CopyTo(destination);
                break;
            case SafetensorsType.Float16:
                FloatConversion.ToSingle(new ReadOnlySpan<Half>(source, count), destination);
                break;
            case SafetensorsType.BFloat16:
                FloatConversion.BFloat16ToSingle(new ReadOnlySpan<ushort>(source, count), destination);
                break;
            case SafetensorsType.Float64:
                FloatConversion.ToSingle(new ReadOnlySpan<double>(source, count), destination);
                break;
            default:
                throw NotConvertible(entry, "floating-point numbers (F32, F16, BF16 or F64)");
        }
    }

    /// <summary>Reads elements of a floating-point tensor as float64, without loss.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="first">Index of the first element in row-major order.</param>
    /// <param name="destination">Receives the elements <paramref name="first"/> .. <paramref name="first"/> + length - 1.</param>
    /// <exception cref="BipeException">There is no such tensor, or its type is not F32, F16, BF16 or F64.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range lies outside the tensor.</exception>
    public void ReadDoubles(string name, long first, Span<double> destination)
    {
        var entry = Find(name, first, destination.Length);
        if (entry.Type == SafetensorsType.Float64)
        {
            new ReadOnlySpan<double>(Address(entry, first), destination.Length).CopyTo(destination);
            return;
        }

        Span<float> part = stackalloc float[256];
        for (int done = 0; done < destination.Length; done += part.Length)
        {
            var target = destination[done..Math.Min(done + part.Length, destination.Length)];
            ReadFloats(name, first + done, part[..target.Length]);
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = part[i];
            }
        }
    }

    /// <summary>Reads elements of an integer or truth-value tensor.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="first">Index of the first element in row-major order.</param>
    /// <param name="destination">Receives the elements <paramref name="first"/> .. <paramref name="first"/> + length - 1.</param>
    /// <exception cref="BipeException">There is no such tensor, or its type is not I64, I32, I16, I8, U16, U8 or BOOL.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range lies outside the tensor.</exception>
    public void ReadIntegers(string name, long first, Span<long> destination)
    {
        var entry = Find(name, first, destination.Length);
        byte* source = Address(entry, first);
        switch (entry.Type)
        {
            case SafetensorsType.Int64:
                new ReadOnlySpan<long>(source, destination.Length).CopyTo(destination);
                break;
            case SafetensorsType.Int32:
                Widen<int>(source, destination);
                break;
            case SafetensorsType.Int16:
                Widen<short>(source, destination);
                break;
            case SafetensorsType.UInt16:
                Widen<ushort>(source, destination);
                break;
            case SafetensorsType.Int8:
                Widen<sbyte>(source, destination);
                break;
            case SafetensorsType.UInt8:
            case SafetensorsType.Bool:
                Widen<byte>(source, destination);
                break;
            default:
                throw NotConvertible(entry, "integers (I64, I32, I16, I8, U16, U8 or BOOL)");
        }
    }

    /// <summary>Unmaps and closes the file.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            Close();
        }
    }

    private static void Widen<T>(byte* source, Span<long> destination)
        where T : unmanaged, System.Numerics.IBinaryInteger<T>
    {
        var values = new ReadOnlySpan<T>(source, destination.Length);
        for (int i = 0; i < values.Length; i++)
        {
            destination[i] = long.CreateTruncating(values[i]);
        }
    }

    private SafetensorsEntry Find(string name, long first, int count)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!Entries.TryGetValue(name, out var entry))
        {
            throw new BipeException($"Safetensors file '{Path}' has no tensor '{name}'; it holds {Entries.Count} others.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, entry.Count - count);
        return entry;
    }

    private byte* Address(SafetensorsEntry entry, long first) => _data + entry.Begin + (first * SafetensorsTypes.SizeOf(entry.Type));

    private BipeException NotConvertible(SafetensorsEntry entry, string wanted) =>
        new($"Safetensors file '{Path}': the tensor '{entry.Name}' has the type {SafetensorsTypes.NameOf(entry.Type)}, expected {wanted}.");

    private void Close()
    {
        if (_view is not null)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
        }

        _mapping.Dispose();
    }
}
