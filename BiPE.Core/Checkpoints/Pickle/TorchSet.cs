namespace BiPE.Core.Checkpoints.Pickle;

/// <summary>
/// The tensors of a checkpoint that PyTorch saved: one file, or several with an index (<c>pytorch_model.bin.index.json</c>) that
/// says which tensor is in which. The index decides: tensors that it does not name are not part of the set.
/// </summary>
public sealed class TorchSet : ITensorStore
{
    /// <summary>Name of the file of a checkpoint that is in one piece.</summary>
    public const string FileName = "pytorch_model.bin";

    /// <summary>Name of the index of a checkpoint in several files.</summary>
    public const string IndexName = "pytorch_model.bin.index.json";

    private readonly Dictionary<string, TorchFile> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StoredTensor> _tensors = new(StringComparer.Ordinal);

    private TorchSet(string path) => Path = path;

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public string Format => string.Join(" and ", _files.Values.Select(file => file.Format).Distinct());

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Files => _files.Keys;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, StoredTensor> Tensors => _tensors;

    /// <summary>Opens the checkpoint and checks where all its tensors lie.</summary>
    /// <param name="path">A file of PyTorch, or an index.</param>
    /// <exception cref="BipeException">A file is missing, damaged or holds something else than tensors, or the index and its files disagree.</exception>
    public static TorchSet Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var set = new TorchSet(path);
        try
        {
            if (path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            {
                foreach ((string name, string shard) in ShardIndex.Read(path))
                {
                    set._tensors.Add(name, set.Open(name, shard));
                }
            }
            else
            {
                var file = TorchFile.Open(path);
                set._files.Add(path, file);
                foreach (StoredTensor tensor in file.Tensors.Values)
                {
                    set._tensors.Add(tensor.Name, tensor);
                }
            }

            return set;
        }
        catch
        {
            set.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void ReadFloats(string name, long first, Span<float> destination) => _files[
        _tensors.TryGetValue(name, out StoredTensor? tensor)
            ? tensor.File
            : throw new BipeException($"The checkpoint '{Path}' has no tensor '{name}'; it holds {_tensors.Count} others.")].ReadFloats(name, first, destination);

    /// <summary>Closes all files.</summary>
    public void Dispose()
    {
        foreach (TorchFile file in _files.Values)
        {
            file.Dispose();
        }
    }

    private StoredTensor Open(string name, string shard)
    {
        if (!_files.TryGetValue(shard, out TorchFile? file))
        {
            file = TorchFile.Open(shard);
            _files.Add(shard, file);
        }

        return file.Tensors.TryGetValue(name, out StoredTensor? tensor) ? tensor : throw ShardIndex.Missing(Path, name, shard);
    }
}
