namespace BiPE.Core.Data.Corpora;

/// <summary>A line of a corpus file that is not a record.</summary>
/// <param name="File">Path of the file.</param>
/// <param name="Line">Line number, counted from 1.</param>
/// <param name="Reason">What is wrong with it; no full stop.</param>
public sealed record BrokenLine(string File, long Line, string Reason)
{
    /// <summary>File, line and reason in one line.</summary>
    public override string ToString() => $"{File}, line {Line}: {Reason}";
}
