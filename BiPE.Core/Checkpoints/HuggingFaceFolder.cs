using BiPE.Core.Autograd;
using BiPE.Core.Checkpoints.Safetensors;
using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Tokenization;

namespace BiPE.Core.Checkpoints;

/// <summary>A model as a Hugging Face folder: config.json, model.safetensors (or shards with an index), tokenizer files.</summary>
public static class HuggingFaceFolder
{
    private const int ChunkElements = 1 << 20;

    /// <summary>Loads a model.</summary>
    /// <param name="backend">Where it will live.</param>
    /// <param name="folder">The folder.</param>
    /// <exception cref="BipeException">A file is missing or broken, or its tensors do not fit the configuration.</exception>
    public static LanguageModel Load(ITensorBackend backend, string folder) => Load(backend, folder, ModelConfigReader.Read(folder));

    /// <summary>Loads a model with a configuration other than the folder's, for instance another rotary scaling.</summary>
    /// <param name="backend">Where it will live.</param>
    /// <param name="folder">The folder with the weights.</param>
    /// <param name="config">The configuration to use.</param>
    /// <exception cref="BipeException">A file is missing or broken, or its tensors do not fit the configuration.</exception>
    public static LanguageModel Load(ITensorBackend backend, string folder, ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        using SafetensorsSet tensors = SafetensorsSet.Open(folder);
        if (config.Segmenter is { Tokens: null } named)
        {
            config = config with { Segmenter = SeparatorSets.Resolve(named, TokenizerFolder.Open(folder)) };
        }

        var model = new LanguageModel(backend, config);
        try
        {
            LoadParameters(model, tensors);
        }
        catch
        {
            model.Dispose();
            throw;
        }

        return model;
    }

    /// <summary>Saves a model so that the reference's own class would load it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="folder">The folder; created if missing.</param>
    /// <param name="tokenizer">Its tokenizer, saved beside it, or null.</param>
    /// <exception cref="BipeException">The folder cannot be written.</exception>
    public static void Save(LanguageModel model, string folder, ITokenizer? tokenizer)
    {
        ArgumentNullException.ThrowIfNull(model);
        IEnumerable<SafetensorsTensor> sources = model.Parameters.SelectMany(
            parameter => parameter.Parts.Select(part => Source(model.Backend, part.Name, PartOf(parameter.Master, part))));
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), sources);
        ModelConfigWriter.Write(folder, model.Config);
        if (tokenizer is not null)
        {
            TokenizerFolder.Save(tokenizer, folder);
        }
    }

    internal static SafetensorsTensor Source(ITensorBackend backend, string name, Tensor tensor) => SafetensorsTensor.OfFloats(
        name, SafetensorsType.Float32, Extents(tensor.Shape), (first, destination) => ReadChunk(backend, tensor, first, destination));

    internal static Tensor PartOf(Tensor tensor, ParameterPart part) => tensor.Slice(part.FirstRow, part.RowCount);

    internal static void LoadTensor(ITensorBackend backend, SafetensorsSet tensors, string name, Tensor destination)
    {
        SafetensorsEntry entry = tensors.Entries[name];
        long[] wanted = Extents(destination.Shape);
        if (!entry.Shape.SequenceEqual(wanted))
        {
            throw new BipeException(
                $"{tensors.Path}: tensor '{name}' is [{string.Join(", ", entry.Shape)}], but the configuration wants [{string.Join(", ", wanted)}]; config.json and weights do not belong together.");
        }

        Tensor flat = destination.Reshape(checked((int)destination.Count));
        var values = new float[Math.Min(ChunkElements, destination.Count)];
        for (long first = 0; first < destination.Count; first += values.Length)
        {
            int count = (int)Math.Min(values.Length, destination.Count - first);
            tensors.ReadFloats(name, first, values.AsSpan(0, count));
            backend.WriteFloats(flat.Slice((int)first, count), values.AsSpan(0, count));
        }
    }

    private static void LoadParameters(LanguageModel model, SafetensorsSet tensors)
    {
        var wanted = model.Parameters.SelectMany(parameter => parameter.Parts.Select(part => (parameter, part))).ToList();
        string[] missing = [.. wanted.Select(pair => pair.part.Name).Where(name => !tensors.Entries.ContainsKey(name))];
        if (missing.Length > 0)
        {
            throw new BipeException($"{tensors.Path}: {Listed(missing)} missing, though the configuration (rpe_type {model.Config.PositionEncoding}) needs it.");
        }

        HashSet<string> known = [.. wanted.Select(pair => pair.part.Name)];
        string[] unknown = [.. tensors.Entries.Keys.Where(name => !known.Contains(name) && !IsIgnored(name, model.Config)).Order(StringComparer.Ordinal)];
        if (unknown.Length > 0)
        {
            throw new BipeException($"{tensors.Path}: {Listed(unknown)} unknown to a model with this configuration (rpe_type {model.Config.PositionEncoding}).");
        }

        foreach ((Parameter parameter, ParameterPart part) in wanted)
        {
            LoadTensor(model.Backend, tensors, part.Name, PartOf(parameter.Master, part));
        }

        foreach (Parameter parameter in model.Parameters)
        {
            parameter.CopyFromMaster();
        }
    }

    /// <summary>Buffers that checkpoints carry and a model makes itself.</summary>
    private static bool IsIgnored(string name, ModelConfig config) =>
        name.EndsWith(".self_attn.alibi", StringComparison.Ordinal)
        || name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal)
        || (config.TieWordEmbeddings && name == "lm_head.weight");

    private static string Listed(string[] names) =>
        names.Length == 1 ? $"tensor '{names[0]}' is" : $"{names.Length} tensors ({string.Join(", ", names.Take(4))}{(names.Length > 4 ? ", ..." : "")}) are";

    private static long[] Extents(Shape shape) => [.. Enumerable.Range(0, shape.Rank).Select(axis => (long)shape[axis])];

    private static void ReadChunk(ITensorBackend backend, Tensor tensor, long first, Span<float> destination)
    {
        Tensor flat = tensor.Reshape(checked((int)tensor.Count));
        backend.ReadFloats(flat.Slice((int)first, destination.Length)).CopyTo(destination);
    }
}
