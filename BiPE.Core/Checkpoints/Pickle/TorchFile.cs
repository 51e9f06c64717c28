namespace BiPE.Core.Checkpoints.Pickle;

/// <summary>
/// A file that PyTorch's <c>torch.save</c> made of a dictionary of tensors: the zip format of version 1.6 and later, or the one
/// before it. Opening reads the description of the tensors, never runs code of the file, and leaves the elements on the disk, mapped.
/// </summary>
public sealed class TorchFile : IDisposable
{
    private readonly MappedBytes _file;
    private readonly Dictionary<string, TorchTensor> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StoredTensor> _entries = new(StringComparer.Ordinal);
    private readonly TorchContent _content;

    private TorchFile(string path, MappedBytes file)
    {
        Path = path;
        _file = file;
        _content = TorchContent.Read(path, file);
        if (_content.Root is not PickleDictionary dictionary)
        {
            throw PickleFault.Unsupported(path, $"holds {PickleFault.Kind(_content.Root)} at its top, expected a dictionary of tensors");
        }

        foreach ((string name, object? value) in dictionary.Items)
        {
            if (value is not TorchTensor tensor)
            {
                throw PickleFault.Unsupported(
                    path, $"holds {PickleFault.Kind(value)} as {PickleFault.Quote(name)}, expected a dictionary of tensors (a model's state_dict) and nothing else");
            }

            RequireBytes(tensor);
            _tensors.Add(name, tensor);
            _entries.Add(name, new StoredTensor(name, tensor.Shape, tensor.Storage.Type.Name, tensor.Storage.Type.IsWeight, path));
        }
    }

    /// <summary>The path given to <see cref="Open"/>.</summary>
    public string Path { get; }

    /// <summary>The format in words.</summary>
    public string Format => _content.Format;

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Tensors => _entries;

    /// <summary>Opens a file and checks where all its tensors lie.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="BipeException">The file cannot be read, is damaged, or holds something else than tensors.</exception>
    public static TorchFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        MappedBytes? file = null;
        try
        {
            file = new MappedBytes(path);
            return new TorchFile(path, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw new BipeException($"Cannot read the PyTorch file '{path}': {e.Message}", e);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    /// <summary>Reads elements of a float32, float16 or bfloat16 tensor as float32, in row-major order whatever its strides.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="first">Index of the first element.</param>
    /// <param name="destination">Receives the elements <paramref name="first"/> .. <paramref name="first"/> + length - 1.</param>
    /// <exception cref="BipeException">There is no such tensor, or it is of another type.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range lies outside the tensor.</exception>
    public void ReadFloats(string name, long first, Span<float> destination)
    {
        if (!_tensors.TryGetValue(name, out TorchTensor? tensor))
        {
            throw new BipeException($"PyTorch file '{Path}' has no tensor '{name}'; it holds {_tensors.Count} others.");
        }

        if (!tensor.Storage.Type.IsWeight)
        {
            throw new BipeException(
                $"PyTorch file '{Path}': the tensor '{name}' has the type {tensor.Storage.Type.Name} ({tensor.Storage.Type.Storage}), expected F32, F16 or BF16.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, tensor.Count - destination.Length);
        new TorchElements(_file, _content.Offsets[tensor.Storage.Key], tensor, _content.IsBigEndian).Read(first, destination);
    }

    /// <summary>Unmaps and closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private void RequireBytes(TorchTensor tensor)
    {
        TorchStorage storage = tensor.Storage;
        if (!_content.Offsets.TryGetValue(storage.Key, out long offset) || storage.Count > (_file.Length - offset) / storage.Type.Size)
        {
            throw PickleFault.Damaged(Path, $"the {storage.Count} elements of its storage {PickleFault.Quote(storage.Key)} are not in the file");
        }
    }
}
