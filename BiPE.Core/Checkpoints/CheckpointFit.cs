using BiPE.Core.Model;

namespace BiPE.Core.Checkpoints;

/// <summary>Whether the tensors of a checkpoint are those that a configuration wants, and which are not.</summary>
/// <param name="Missing">Names that the configuration wants and the checkpoint lacks.</param>
/// <param name="Unknown">Names that the checkpoint has and the configuration does not want.</param>
/// <param name="Misshapen">Tensors of another shape than wanted: found and wanted shape by name.</param>
/// <param name="Unreadable">Tensors whose element type is none that weights have: the type by name.</param>
/// <param name="Wanted">All names that the configuration wants.</param>
internal sealed record CheckpointFit(
    IReadOnlyList<string> Missing,
    IReadOnlyList<string> Unknown,
    IReadOnlyDictionary<string, (string Found, string Wanted)> Misshapen,
    IReadOnlyDictionary<string, string> Unreadable,
    IReadOnlyList<string> Wanted)
{
    private bool IsWhole => Missing.Count + Unknown.Count + Misshapen.Count + Unreadable.Count == 0;

    /// <summary>Compares a checkpoint with a configuration.</summary>
    public static CheckpointFit Of(ITensorStore tensors, ModelConfig config)
    {
        IReadOnlyList<ParameterLayout> wanted = ParameterLayout.Of(config);
        Dictionary<string, ParameterLayout> byName = wanted.ToDictionary(parameter => parameter.Name, StringComparer.Ordinal);
        List<(ParameterLayout Wanted, StoredTensor Stored)> found =
        [
            .. wanted.Where(parameter => tensors.Tensors.ContainsKey(parameter.Name)).Select(parameter => (parameter, tensors.Tensors[parameter.Name])),
        ];
        return new CheckpointFit(
            [.. wanted.Select(parameter => parameter.Name).Where(name => !tensors.Tensors.ContainsKey(name))],
            [.. tensors.Tensors.Keys.Where(name => !byName.ContainsKey(name) && !IsPassedOver(name, config)).Order(StringComparer.Ordinal)],
            found.Where(pair => !pair.Stored.Shape.SequenceEqual(pair.Wanted.Shape))
                .ToDictionary(pair => pair.Stored.Name, pair => (Extents(pair.Stored.Shape), Extents(pair.Wanted.Shape))),
            found.Where(pair => !pair.Stored.IsReadable).ToDictionary(pair => pair.Stored.Name, pair => pair.Stored.Type),
            [.. wanted.Select(parameter => parameter.Name)]);
    }

    /// <summary>Buffers that checkpoints carry and a model makes itself.</summary>
    public static bool IsPassedOver(string name, ModelConfig config) =>
        name.EndsWith(".self_attn.alibi", StringComparison.Ordinal)
        || name.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal)
        || (config.TieWordEmbeddings && name == LanguageModel.HeadName);

    /// <summary>Every fault in one sentence, or null if the checkpoint fits.</summary>
    /// <param name="path">The checkpoint.</param>
    /// <param name="config">The configuration.</param>
    public string? Describe(string path, ModelConfig config)
    {
        if (IsWhole)
        {
            return null;
        }

        var nearest = new NearestTensor(Missing, Wanted);
        var faults = new List<string>();
        Add("missing", TensorNames.Group(Missing));
        Add("unknown to it", TensorNames.Group(Unknown, name => nearest.Of(name) is { } known ? $" (the nearest known is {known})" : ""));
        Add("of another shape", TensorNames.Group([.. Misshapen.Keys], name => $" is {Misshapen[name].Found}, wanted {Misshapen[name].Wanted}"));
        Add("of another type", TensorNames.Group([.. Unreadable.Keys], name => $" is {Unreadable[name]}, wanted F32, F16 or BF16"));
        return $"'{path}' does not fit its configuration (rpe_type {config.PositionEncoding}): {string.Join("; ", faults)}.";

        void Add(string what, IReadOnlyList<string> names)
        {
            if (names.Count > 0)
            {
                faults.Add($"{what}: {string.Join(", ", names)}");
            }
        }
    }

    private static string Extents(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";
}
