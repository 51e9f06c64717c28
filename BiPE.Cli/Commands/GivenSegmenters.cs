using BiPE.Core.Model;

namespace BiPE.Cli.Commands;

/// <summary>What a command line says of segmenters, with separators as ids.</summary>
/// <param name="General">The segmenter of all text without one of its own; null if none is given.</param>
/// <param name="Named">Segmenters of corpora or sets by their names.</param>
internal sealed record GivenSegmenters(SegmenterConfig? General, IReadOnlyDictionary<string, SegmenterConfig> Named)
{
    /// <summary>The segmenter given for a corpus or set, or null.</summary>
    /// <param name="name">Its name.</param>
    public SegmenterConfig? For(string name) => Named.GetValueOrDefault(name) ?? General;
}
