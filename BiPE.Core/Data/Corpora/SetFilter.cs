namespace BiPE.Core.Data.Corpora;

/// <summary>Decides which sets of a corpus are taken.</summary>
internal sealed class SetFilter
{
    private readonly string[] _given;
    private readonly HashSet<string> _names;

    public SetFilter(IEnumerable<string> names)
    {
        _given = [.. names.Order(StringComparer.Ordinal)];

        // Other corpora than the Pile may have sets that are called like the Pile's short names.
        _names = _given.Concat(_given.Select(PileSets.Resolve)).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    public bool TakesAll => _names.Count == 0;

    public bool Takes(string? setName) => TakesAll || (setName is not null && _names.Contains(setName));

    public override string ToString() => string.Join(", ", _given.Select(name => $"'{name}'"));
}
