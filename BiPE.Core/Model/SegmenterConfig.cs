namespace BiPE.Core.Model;

/// <summary>
/// The <c>position.segmenter</c> section of a configuration: which tokens close a segment. A saved configuration always has
/// the ids; sets and texts are resolved with the tokenizer when a model is made.
/// </summary>
public sealed record SegmenterConfig
{
    /// <summary>Ids of the separator tokens (<c>tokens</c>), or null if they are named by <see cref="Set"/> or <see cref="Texts"/>.</summary>
    public IReadOnlyList<int>? Tokens { get; init; }

    /// <summary>Texts whose tokens are separators (<c>texts</c>), for instance <c>"\n"</c> and <c>"."</c>.</summary>
    public IReadOnlyList<string>? Texts { get; init; }

    /// <summary>A ready set (<c>set</c>): <c>reference</c>, <c>sentence</c> or <c>newline</c>.</summary>
    public string? Set { get; init; }
}
