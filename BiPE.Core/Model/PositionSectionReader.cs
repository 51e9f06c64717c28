using BiPE.Core.Positions.Segments;

namespace BiPE.Core.Model;

/// <summary>Reads the section <c>position</c> of a configuration: the segmenter, and options of the two encodings.</summary>
internal static class PositionSectionReader
{
    /// <summary>The section, or null.</summary>
    public static ConfigSection? Find(ConfigSection config)
    {
        ConfigSection? position = config.Section("position");
        position?.AllowOnly("segmenter", "segmenters", "attention", "embedding");
        return position;
    }

    /// <summary>Options of one encoding as the file has them, checked later against what the encoding takes.</summary>
    public static IReadOnlyDictionary<string, double>? Options(ConfigSection? position, string name)
    {
        if (position?.Section(name) is not { } section)
        {
            return null;
        }

        var options = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (string key in section.Keys)
        {
            if (section.Number(key) is { } value)
            {
                options.Add(key, value);
            }
        }

        return options.Count == 0 ? null : options;
    }

    /// <summary>The segmenter, or null for the reference's.</summary>
    public static SegmenterConfig? Segmenter(ConfigSection? position) =>
        position?.Section("segmenter") is { } section ? ReadSegmenter(section) : null;

    /// <summary>The segmenters of corpora and sets by name, or null.</summary>
    public static IReadOnlyDictionary<string, SegmenterConfig>? NamedSegmenters(ConfigSection? position)
    {
        if (position?.Section("segmenters") is not { } section)
        {
            return null;
        }

        var named = new SortedDictionary<string, SegmenterConfig>(StringComparer.Ordinal);
        foreach (string name in section.Keys)
        {
            if (section.Section(name) is { } segmenter)
            {
                named.Add(name, ReadSegmenter(segmenter));
            }
        }

        return named.Count == 0 ? null : named;
    }

    /// <summary>A segmenter as the file has it, checked later with the rest of the configuration.</summary>
    private static SegmenterConfig ReadSegmenter(ConfigSection section)
    {
        section.AllowOnly("type", "tokens", "texts", "set", "length");
        string type = section.Text("type") ?? "";
        return new SegmenterConfig
        {
            Type = type,
            Tokens = section.Integers("tokens"),
            Texts = section.Texts("texts"),
            Set = section.Text("set"),
            Length = type == Segmenters.FixedLength ? section.RequiredInteger("length") : section.Integer("length") ?? 0,
        };
    }
}
