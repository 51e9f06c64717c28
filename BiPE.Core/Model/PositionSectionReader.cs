using BiPE.Core.Positions.Segments;

namespace BiPE.Core.Model;

/// <summary>Reads the section <c>position</c> of a configuration: the segmenter, and options of the two encodings.</summary>
internal static class PositionSectionReader
{
    private static readonly string[] Sets = ["reference", "sentence", "newline"];

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
        position?.Section("segmenter") is { } section ? Segmenter(section, "position.segmenter") : null;

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
                named.Add(name, Segmenter(segmenter, $"position.segmenters.{name}"));
            }
        }

        return named.Count == 0 ? null : named;
    }

    private static SegmenterConfig Segmenter(ConfigSection section, string key)
    {
        section.AllowOnly("type", "tokens", "texts", "set", "length");
        string? type = section.Text("type");
        if (type is null || !Segmenters.Types.Contains(type))
        {
            throw new BipeException(
                $"{section.Source}: '{key}.type' is {(type is null ? "missing" : $"'{type}'")}; {NearestName.Suggest(type ?? "", Segmenters.Types)}");
        }

        var config = new SegmenterConfig
        {
            Type = type,
            Tokens = section.Integers("tokens"),
            Texts = section.Texts("texts"),
            Set = section.Text("set"),
            Length = section.Integer("length") ?? 0,
        };
        Validate(config, section, key);
        return config;
    }

    private static void Validate(SegmenterConfig config, ConfigSection section, string key)
    {
        int given = (config.Tokens is null ? 0 : 1) + (config.Texts is null ? 0 : 1) + (config.Set is null ? 0 : 1);
        if (config.Type == Segmenters.FixedLength ? config.Length < 1 : section.Has("length"))
        {
            throw new BipeException(
                $"{section.Source}: '{key}.length' is {(section.Has("length") ? $"{config.Length}" : "missing")}, "
                + "expected a positive number of tokens with the type fixed, and none with others.");
        }

        if (config.Type != Segmenters.Separators)
        {
            if (given > 0)
            {
                throw new BipeException($"{section.Source}: '{key}' of the type {config.Type} has {given} of tokens, texts and set, expected none.");
            }

            return;
        }

        if (given != 1 || config.Tokens is { Count: 0 } || config.Texts is { Count: 0 } || (config.Texts?.Contains("") ?? false))
        {
            throw new BipeException(
                $"{section.Source}: '{key}' has {given} of tokens, texts and set, expected one of them, and no empty list or text.");
        }

        if (config.Set is { } set && !Sets.Contains(set))
        {
            throw new BipeException($"{section.Source}: '{key}.set' is '{set}', which is not known; {NearestName.Suggest(set, Sets)}");
        }
    }
}
