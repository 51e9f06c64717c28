using System.Text.Json;
using BiPE.Core.Positions.Segments;

namespace BiPE.Core.Model;

/// <summary>
/// The <c>position.segmenter</c> section of a configuration, or one of <c>position.segmenters</c>: what closes a segment. A saved configuration always has
/// the ids; sets and texts are resolved with the tokenizer when a model is made.
/// </summary>
public sealed record SegmenterConfig
{
    /// <summary>What kind it is (<c>type</c>); see <see cref="Segmenters.Types"/>.</summary>
    public string Type { get; init; } = Segmenters.Separators;

    /// <summary>Tokens a segment (<c>length</c>), of the type <see cref="Segmenters.FixedLength"/>.</summary>
    public int Length { get; init; }

    /// <summary>Ids of the separator tokens (<c>tokens</c>), or null if they are named by <see cref="Set"/> or <see cref="Texts"/>.</summary>
    public IReadOnlyList<int>? Tokens { get; init; }

    /// <summary>Texts whose tokens are separators (<c>texts</c>), for instance <c>"\n"</c> and <c>"."</c>.</summary>
    public IReadOnlyList<string>? Texts { get; init; }

    /// <summary>A ready set (<c>set</c>): <c>reference</c>, <c>sentence</c> or <c>newline</c>.</summary>
    public string? Set { get; init; }

    /// <summary>Whether a segmenter can be made: its separators, if it has some, are ids.</summary>
    public bool IsResolved => Type != Segmenters.Separators || Tokens is not null;

    /// <summary>
    /// The segmenter in short: its separators as ids in ascending order, <c>13,869</c>, or its type, <c>fixed:64</c>. Equal labels split alike;
    /// separators that are no ids yet have labels of their own, <c>texts:"\n","."</c> or <c>set:newline</c>.
    /// </summary>
    public string Label => this switch
    {
        { Type: Segmenters.Separators, Tokens: { } tokens } => string.Join(',', tokens.Distinct().Order()),
        { Type: Segmenters.Separators, Texts: { } texts } => $"texts:{string.Join(',', texts.Select(text => JsonSerializer.Serialize(text)))}",
        { Type: Segmenters.Separators } => $"set:{Set}",
        { Type: Segmenters.FixedLength } => $"{Type}:{Length}",
        _ => Type,
    };

    /// <summary>The segmenter in words, for messages.</summary>
    public string Description => this switch
    {
        { Type: Segmenters.FixedLength } => $"segments have {Length} tokens",
        { Type: Segmenters.EveryToken } => "every token is a segment",
        { Type: Segmenters.None } => "a row is one segment",
        { Tokens: { } tokens } => $"segments end at {string.Join(", ", tokens)}",
        { Texts: { } texts } => $"segments end at {string.Join(", ", texts.Select(text => $"'{text.ReplaceLineEndings("\\n")}'"))}",
        _ => $"segments end at the set {Set}",
    };
}
