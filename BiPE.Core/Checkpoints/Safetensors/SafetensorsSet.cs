namespace BiPE.Core.Checkpoints.Safetensors;

/// <summary>
/// The tensors of a checkpoint: one safetensors file, or several with an index (<c>model.safetensors.index.json</c>) that says
/// which tensor stands in which. The index decides: tensors that it does not name are not part of the set.
/// </summary>
public sealed class SafetensorsSet : ITensorStore
{
    /// <summary>Name of the file of a checkpoint that is in one piece.</summary>
    public const string FileName = "model.safetensors";

    /// <summary>Name of the index of a checkpoint in several files.</summary>
    public const string IndexName = "model.safetensors.index.json";

    private readonly Dictionary<string, SafetensorsFile> _fileOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SafetensorsEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StoredTensor> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SafetensorsFile> _files = new(StringComparer.Ordinal);

    private SafetensorsSet(string path) => Path = path;

    /// <summary>The file or folder given to <see cref="Open"/>.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public string Format => "safetensors";

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Files => _files.Keys;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, StoredTensor> Tensors => _tensors;

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _entries;

    /// <summary>Opens the checkpoint and checks the headers of all its files.</summary>
    /// <param name="path">A safetensors file, an index, or a folder with <see cref="FileName"/> (taken first) or <see cref="IndexName"/>.</param>
    /// <exception cref="BipeException">A file is missing or damaged, or the index and its files disagree.</exception>
    public static SafetensorsSet Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var set = new SafetensorsSet(path);
        try
        {
            string file = Locate(path);
            if (file.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            {
                set.AddIndex(file);
            }
            else
            {
                set.AddWhole(file);
            }

            return set;
        }
        catch
        {
            set.Dispose();
            throw;
        }
    }

    /// <summary>Path of the file that holds a tensor, for messages.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <exception cref="BipeException">There is no such tensor.</exception>
    public string FileOf(string name) => Find(name).Path;

    /// <inheritdoc cref="SafetensorsFile.ReadFloats"/>
    public void ReadFloats(string name, long first, Span<float> destination) => Find(name).ReadFloats(name, first, destination);

    /// <inheritdoc cref="SafetensorsFile.ReadDoubles"/>
    public void ReadDoubles(string name, long first, Span<double> destination) => Find(name).ReadDoubles(name, first, destination);

    /// <inheritdoc cref="SafetensorsFile.ReadIntegers"/>
    public void ReadIntegers(string name, long first, Span<long> destination) => Find(name).ReadIntegers(name, first, destination);

    /// <summary>Closes all files.</summary>
    public void Dispose()
    {
        foreach (var file in _files.Values)
        {
            file.Dispose();
        }
    }

    private static string Locate(string path)
    {
        if (!Directory.Exists(path))
        {
            return path;
        }

        foreach (string name in new[] { FileName, IndexName })
        {
            string file = System.IO.Path.Combine(path, name);
            if (File.Exists(file))
            {
                return file;
            }
        }

        throw new BipeException($"The folder '{path}' has neither {FileName} nor {IndexName}; give the folder of a saved model.");
    }

    private SafetensorsFile Find(string name) =>
        _fileOf.TryGetValue(name, out var file)
            ? file
            : throw new BipeException($"The checkpoint '{Path}' has no tensor '{name}'; it holds {_entries.Count} others.");

    private void AddWhole(string path)
    {
        var file = SafetensorsFile.Open(path);
        _files.Add(path, file);
        foreach (var (name, entry) in file.Entries)
        {
            Add(name, file, entry);
        }
    }

    private void AddIndex(string indexPath)
    {
        foreach (var (name, shard) in ShardIndex.Read(indexPath))
        {
            if (!_files.TryGetValue(shard, out var file))
            {
                file = SafetensorsFile.Open(shard);
                _files.Add(shard, file);
            }

            Add(name, file, file.Entries.TryGetValue(name, out var entry) ? entry : throw ShardIndex.Missing(indexPath, name, shard));
        }
    }

    private void Add(string name, SafetensorsFile file, SafetensorsEntry entry)
    {
        bool isReadable = entry.Type is SafetensorsType.Float32 or SafetensorsType.Float16 or SafetensorsType.BFloat16 or SafetensorsType.Float64;
        _fileOf.Add(name, file);
        _entries.Add(name, entry);
        _tensors.Add(name, new StoredTensor(name, entry.Shape, SafetensorsTypes.NameOf(entry.Type), isReadable, file.Path));
    }
}
