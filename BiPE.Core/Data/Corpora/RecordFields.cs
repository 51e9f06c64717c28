namespace BiPE.Core.Data.Corpora;

/// <summary>Where records have their text and their set.</summary>
/// <param name="Text">The text; records without it are broken.</param>
/// <param name="Set">The name of the set; records without it belong to none.</param>
/// <param name="RequiresSet">Whether a table must have the set's column.</param>
internal sealed record RecordFields(FieldPath Text, FieldPath Set, bool RequiresSet)
{
    public static RecordFields Of(CorpusOptions options) => new(
        FieldPath.Parse(options.TextField), FieldPath.Parse(options.SetField ?? CorpusOptions.DefaultSetField), options.SetField is not null);
}
