namespace BiPE.Core.Data.Corpora;

/// <summary>How a corpus is read.</summary>
public sealed record CorpusOptions
{
    /// <summary>The default of <see cref="TextField"/>.</summary>
    public const string DefaultTextField = "text";

    /// <summary>The Pile's name of the set, which counts where <see cref="SetField"/> is null.</summary>
    public const string DefaultSetField = "meta.pile_set_name";

    /// <summary>
    /// Names of the sets to take (as <see cref="SetField"/> has them, case does not matter, or a short name of
    /// <see cref="PileSets"/>); empty takes every document.
    /// </summary>
    public IReadOnlyList<string> Sets { get; init; } = [];

    /// <summary>Field of records, or column of tables, that has the text; dots lead into objects and structs.</summary>
    public string TextField { get; init; } = DefaultTextField;

    /// <summary>
    /// Field or column that names a document's set, written like <see cref="TextField"/>; a table must have it. Null for
    /// <see cref="DefaultSetField"/>, which may be missing.
    /// </summary>
    public string? SetField { get; init; }

    /// <summary>Shortest text to take, in bytes of UTF-8.</summary>
    public long MinimumBytes { get; init; }

    /// <summary>Longest text to take, in bytes of UTF-8.</summary>
    public long MaximumBytes { get; init; } = long.MaxValue;

    /// <summary>Part of a split to take; null takes all.</summary>
    public DocumentSplit? Split { get; init; }

    /// <summary>What to do with lines, or rows of tables, that are not records.</summary>
    public BrokenLinePolicy BrokenLines { get; init; } = BrokenLinePolicy.Skip;
}
