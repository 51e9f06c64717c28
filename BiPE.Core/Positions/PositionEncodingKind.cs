using BiPE.Core.Model;

namespace BiPE.Core.Positions;

/// <summary>Describes a position encoding that configurations name.</summary>
/// <param name="Name">Its name: lower-case letters, digits and underscores.</param>
/// <param name="Summary">What it does, in a line.</param>
/// <param name="Paper">Where it is from: authors, year, arXiv number.</param>
public abstract record PositionEncodingKind(string Name, string Summary, string Paper)
{
    /// <summary>What its section of a configuration may hold.</summary>
    public IReadOnlyList<EncodingOption> Options { get; init; } = [];

    /// <summary>Refuses options that the encoding does not have, or values that they do not take.</summary>
    /// <param name="given">Options of a configuration, or null.</param>
    /// <param name="source">What to name in the message, for instance the file that was read.</param>
    /// <param name="section">Name of the options' section.</param>
    /// <exception cref="BipeException">An option is unknown or out of range.</exception>
    public void Validate(IReadOnlyDictionary<string, double>? given, string source, string section)
    {
        foreach ((string name, double value) in given ?? new Dictionary<string, double>())
        {
            EncodingOption option = Options.FirstOrDefault(known => known.Name == name) ?? throw new BipeException(
                $"{source}: the key '{section}.{name}' is not known to the encoding {Name}; "
                + (Options.Count == 0 ? "it has no options there." : NearestName.Suggest(name, [.. Options.Select(known => known.Name)])));
            option.Validate(value, $"{source}: '{section}");
        }
    }
}
