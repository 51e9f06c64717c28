namespace BiPE.Core.Data.Corpora;

/// <summary>One text of a corpus.</summary>
/// <param name="Text">The whole text; may be empty.</param>
/// <param name="SetName">The set it belongs to (the Pile's <c>meta.pile_set_name</c>, or another field), or null if the source names none.</param>
/// <param name="Source">The file it was read from.</param>
/// <param name="Line">Line of <paramref name="Source"/> at which it starts, or row of a table, counted from 1.</param>
public sealed record Document(string Text, string? SetName, string Source, long Line);
