using System.Buffers;
using BiPE.Core.Autograd;
using BiPE.Core.Checkpoints.Pickle;
using BiPE.Core.Checkpoints.Safetensors;
using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Tokenization;

namespace BiPE.Core.Checkpoints;

/// <summary>
/// A model as a Hugging Face folder: config.json, tokenizer files, and the weights in model.safetensors or pytorch_model.bin, each in
/// one piece or in shards with an index. Weights are mapped and converted piece by piece, straight into the model.
/// </summary>
public static class HuggingFaceFolder
{
    private const int ChunkElements = 1 << 20;

    /// <summary>Loads a model.</summary>
    /// <param name="backend">Where it will live.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="use">What it is for; one for evaluation comes frozen.</param>
    /// <exception cref="BipeException">A file is missing or broken, or its tensors do not fit the configuration.</exception>
    public static LanguageModel Load(ITensorBackend backend, string folder, ModelUse use = ModelUse.Training) =>
        Load(backend, folder, ModelConfigReader.Read(folder), use);

    /// <summary>Loads a model with a configuration other than the folder's, for instance another rotary scaling.</summary>
    /// <param name="backend">Where it will live.</param>
    /// <param name="folder">The folder with the weights.</param>
    /// <param name="config">The configuration to use.</param>
    /// <param name="use">What it is for; one for evaluation comes frozen.</param>
    /// <exception cref="BipeException">A file is missing or broken, or its tensors do not fit the configuration.</exception>
    public static LanguageModel Load(ITensorBackend backend, string folder, ModelConfig config, ModelUse use = ModelUse.Training)
    {
        ArgumentNullException.ThrowIfNull(config);
        using ITensorStore tensors = OpenTensors(folder);
        if (FindMisfit(tensors, folder, config) is { } fault)
        {
            throw new BipeException(fault);
        }

        config = SeparatorSets.Resolve(config, () => TokenizerFolder.Open(folder));
        var model = new LanguageModel(backend, config, use);
        try
        {
            LoadParameters(model, tensors);
            if (use == ModelUse.Evaluation)
            {
                model.Freeze();
            }
        }
        catch
        {
            model.Dispose();
            throw;
        }

        return model;
    }

    /// <summary>Opens the weights of a folder: safetensors if it has them, else PyTorch's own files.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="BipeException">There are none, or a file is broken.</exception>
    public static ITensorStore OpenTensors(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string[] safetensors = [SafetensorsSet.FileName, SafetensorsSet.IndexName];
        string[] torch = [TorchSet.FileName, TorchSet.IndexName];
        string? name = safetensors.Concat(torch).FirstOrDefault(name => File.Exists(Path.Combine(folder, name)));
        return name is null
            ? throw new BipeException(
                $"The folder '{folder}' has none of {string.Join(", ", safetensors.Concat(torch))}; give the folder of a saved model.")
            : torch.Contains(name) ? TorchSet.Open(Path.Combine(folder, name)) : SafetensorsSet.Open(Path.Combine(folder, name));
    }

    /// <summary>Why a checkpoint would not load with a configuration: every tensor that is missing, unknown, or of another shape or type.</summary>
    /// <param name="tensors">The checkpoint.</param>
    /// <param name="folder">Its folder, for the sentence.</param>
    /// <param name="config">The configuration.</param>
    /// <returns>One sentence, or null if it would load.</returns>
    public static string? FindMisfit(ITensorStore tensors, string folder, ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(config);
        return CheckpointFit.Of(tensors, config).Describe(folder, config);
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

    internal static void LoadTensor(ITensorBackend backend, ITensorStore tensors, string name, Tensor destination)
    {
        long[] wanted = Extents(destination.Shape);
        if (!tensors.Tensors[name].Shape.SequenceEqual(wanted))
        {
            throw new BipeException(
                $"{tensors.Path}: tensor '{name}' is [{string.Join(", ", tensors.Tensors[name].Shape)}], but the model wants [{string.Join(", ", wanted)}].");
        }

        Tensor flat = destination.Reshape(checked((int)destination.Count));
        float[] values = ArrayPool<float>.Shared.Rent(ChunkElements);
        for (long first = 0; first < destination.Count; first += ChunkElements)
        {
            int count = (int)Math.Min(ChunkElements, destination.Count - first);
            tensors.ReadFloats(name, first, values.AsSpan(0, count));
            backend.WriteFloats(flat.Slice((int)first, count), values.AsSpan(0, count));
        }

        ArrayPool<float>.Shared.Return(values);
    }

    private static void LoadParameters(LanguageModel model, ITensorStore tensors)
    {
        foreach ((Parameter parameter, ParameterPart part) in model.Parameters.SelectMany(parameter => parameter.Parts.Select(part => (parameter, part))))
        {
            LoadTensor(model.Backend, tensors, part.Name, PartOf(parameter.Master, part));
        }

        foreach (Parameter parameter in model.Parameters)
        {
            parameter.CopyFromMaster();
        }
    }

    private static long[] Extents(Shape shape) => [.. Enumerable.Range(0, shape.Rank).Select(axis => (long)shape[axis])];

    private static void ReadChunk(ITensorBackend backend, Tensor tensor, long first, Span<float> destination)
    {
        Tensor flat = tensor.Reshape(checked((int)tensor.Count));
        backend.ReadFloats(flat.Slice((int)first, destination.Length)).CopyTo(destination);
    }
}
