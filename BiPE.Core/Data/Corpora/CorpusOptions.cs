namespace BiPE.Core.Data.Corpora;

/// <summary>How a corpus is read.</summary>
public sealed record CorpusOptions
{
    /// <summary>
    /// Names of the sets to take (the Pile's <c>pile_set_name</c>, case does not matter, or a short name of
    /// <see cref="PileSets"/>); empty takes every document.
    /// </summary>
    public IReadOnlyList<string> Sets { get; init; } = [];

    /// <summary>What to do with lines that are not records.</summary>
    public BrokenLinePolicy BrokenLines { get; init; } = BrokenLinePolicy.Skip;
}
