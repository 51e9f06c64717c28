namespace BiPE.Core.Data.Corpora;

/// <summary>A line of a corpus file, or a row of a table, that is not a record.</summary>
/// <param name="File">Path of the file.</param>
/// <param name="Line">Its number, counted from 1.</param>
/// <param name="Reason">What is wrong with it; no full stop.</param>
/// <param name="IsRow">Whether it is the row of a table.</param>
public sealed record BrokenLine(string File, long Line, string Reason, bool IsRow = false)
{
    /// <summary>File, line and reason in one line.</summary>
    public override string ToString() => $"{File}, {(IsRow ? "row" : "line")} {Line}: {Reason}";
}
