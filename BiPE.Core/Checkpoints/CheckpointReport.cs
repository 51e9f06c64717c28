using BiPE.Core.Model;
using BiPE.Core.Tokenization;

namespace BiPE.Core.Checkpoints;

/// <summary>What a model's folder holds and whether it would load, found out without reading a weight.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Format">Format of the weights in words, or null if there are none that can be read.</param>
/// <param name="Files">Bytes of the files that hold tensors, by name.</param>
/// <param name="Config">The configuration, or null if it cannot be read.</param>
/// <param name="Parameters">Counts of what the configuration wants, or null without one.</param>
/// <param name="Tensors">The tensors in the files, by name.</param>
/// <param name="Problems">Why the model would not load, a sentence each; empty if it would.</param>
public sealed record CheckpointReport(
    string Folder,
    string? Format,
    IReadOnlyDictionary<string, long> Files,
    ModelConfig? Config,
    ParameterCounts? Parameters,
    IReadOnlyList<StoredTensor> Tensors,
    IReadOnlyList<string> Problems)
{
    /// <summary>Whether the model would load.</summary>
    public bool Loads => Problems.Count == 0;

    /// <summary>Number of elements in the files by their type.</summary>
    public IReadOnlyDictionary<string, long> ElementTypes =>
        Tensors.GroupBy(tensor => tensor.Type).ToDictionary(group => group.Key, group => group.Sum(tensor => tensor.Count));

    /// <summary>Looks at a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="BipeException">There is no such folder.</exception>
    public static CheckpointReport Of(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
        {
            throw new BipeException($"There is no folder '{folder}'; give the folder of a saved model.");
        }

        var problems = new List<string>();
        ModelConfig? config = Try(() => ModelConfigReader.Read(folder), problems);
        ParameterCounts? counts = config is null ? null : Try(() => ParameterCounts.Of(config), problems);
        if (config is { } read)
        {
            config = Try(() => SeparatorSets.Resolve(read, () => TokenizerFolder.Open(folder)), problems) ?? read;
        }

        using ITensorStore? tensors = Try(() => HuggingFaceFolder.OpenTensors(folder), problems);
        if (tensors is not null && counts is not null && HuggingFaceFolder.FindMisfit(tensors, folder, config!) is { } misfit)
        {
            problems.Add(misfit);
        }

        return new CheckpointReport(
            folder,
            tensors?.Format,
            tensors?.Files.ToDictionary(file => Path.GetFileName(file), FileLength.Of) ?? [],
            config,
            counts,
            tensors is null ? [] : [.. tensors.Tensors.Values.OrderBy(tensor => tensor.Name, StringComparer.Ordinal)],
            problems);
    }

    private static T? Try<T>(Func<T> read, List<string> problems)
        where T : class
    {
        try
        {
            return read();
        }
        catch (BipeException e)
        {
            problems.Add(e.Message);
            return null;
        }
    }
}
