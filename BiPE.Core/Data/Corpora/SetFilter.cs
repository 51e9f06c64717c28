namespace BiPE.Core.Data.Corpora;

/// <summary>Decides which sets of a corpus are taken.</summary>
internal sealed class SetFilter
{
    private readonly HashSet<string> _names;

    public SetFilter(IEnumerable<string> names) =>
        _names = names.Select(PileSets.Resolve).ToHashSet(StringComparer.OrdinalIgnoreCase);

    public bool TakesAll => _names.Count == 0;

    public bool Takes(string? setName) => TakesAll || (setName is not null && _names.Contains(setName));

    public override string ToString() => string.Join(", ", _names.Order(StringComparer.Ordinal).Select(name => $"'{name}'"));
}
