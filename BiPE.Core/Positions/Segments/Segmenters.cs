using BiPE.Core.Model;

namespace BiPE.Core.Positions.Segments;

/// <summary>Segmenters by the names of configurations (<c>position.segmenter.type</c>).</summary>
public static class Segmenters
{
    /// <summary>Tokens that close a segment: ids, texts, or a ready set.</summary>
    public const string Separators = "separators";

    /// <summary>Segments of a given number of tokens.</summary>
    public const string FixedLength = "fixed";

    /// <summary>Every token is a segment.</summary>
    public const string EveryToken = "every_token";

    /// <summary>A row is one segment.</summary>
    public const string None = "none";

    /// <summary>All types.</summary>
    public static IReadOnlyList<string> Types { get; } = [Separators, FixedLength, EveryToken, None];

    /// <summary>The segmenter of models whose configuration has none.</summary>
    public static SegmenterConfig Reference { get; } = new() { Tokens = SeparatorSegmenter.ReferenceSeparators };

    /// <summary>Describes how a model splits a corpus or a set of text.</summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="name">Name of the corpus or set.</param>
    /// <returns>What the configuration has under this name, else the model's own.</returns>
    public static SegmenterConfig Of(ModelConfig config, string name)
    {
        ArgumentNullException.ThrowIfNull(config);
        return config.NamedSegmenters is { } named && named.TryGetValue(name, out SegmenterConfig? segmenter)
            ? segmenter
            : config.Segmenter ?? Reference;
    }

    /// <summary>Makes the segmenter that a model's configuration has under the name of a corpus or a set of text.</summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="name">Name of the corpus or set.</param>
    /// <returns>Null if it has none, so that the model's own splits.</returns>
    /// <exception cref="BipeException">As <see cref="Create"/>.</exception>
    public static ISegmenter? CreateNamed(ModelConfig config, string name)
    {
        ArgumentNullException.ThrowIfNull(config);
        return config.NamedSegmenters?.ContainsKey(name) == true ? Create(Of(config, name)) : null;
    }

    /// <summary>Makes the segmenter that a configuration describes.</summary>
    /// <param name="config">The description; null for the reference's separators.</param>
    /// <exception cref="BipeException">Its separators are not resolved to ids, or its type is unknown.</exception>
    public static ISegmenter Create(SegmenterConfig? config) => config switch
    {
        null => Create(Reference),
        { Type: Separators, Tokens: { } tokens } => new SeparatorSegmenter(tokens),
        { Type: Separators } => throw new BipeException(
            "position.segmenter names its separators by text or set; they must be resolved to token ids with the model's tokenizer first."),
        { Type: FixedLength } => new FixedLengthSegmenter(config.Length),
        { Type: EveryToken } => new FixedLengthSegmenter(1),
        { Type: None } => new SeparatorSegmenter([]),
        { Type: var other } => throw new BipeException($"position.segmenter.type '{other}' is unknown; {NearestName.Suggest(other, Types)}"),
    };
}
