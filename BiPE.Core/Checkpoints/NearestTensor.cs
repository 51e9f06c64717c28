using BiPE.Core.Model;

namespace BiPE.Core.Checkpoints;

/// <summary>Finds which tensor somebody may have meant by a name that is not known.</summary>
internal sealed class NearestTensor
{
    private readonly string[] _patterns;
    private readonly Dictionary<string, string?> _found = new(StringComparer.Ordinal);

    /// <summary>Prepares for names that are not known.</summary>
    /// <param name="missing">Names that are wanted and missing; among equals they come first.</param>
    /// <param name="wanted">All names that are wanted.</param>
    public NearestTensor(IEnumerable<string> missing, IEnumerable<string> wanted) =>
        _patterns = [.. missing.Concat(wanted).Select(TensorNames.PatternOf).Distinct(StringComparer.Ordinal)];

    /// <summary>The nearest name, numbers as stars, or null if none is near.</summary>
    /// <param name="name">A name that is not known.</param>
    public string? Of(string name)
    {
        string pattern = TensorNames.PatternOf(name);
        if (!_found.TryGetValue(pattern, out string? nearest))
        {
            nearest = _patterns.MinBy(known => NearestName.Distance(pattern, known));
            _found[pattern] = nearest is not null && NearestName.Distance(pattern, nearest) <= nearest.Length / 2 ? nearest : null;
            nearest = _found[pattern];
        }

        return nearest;
    }
}
