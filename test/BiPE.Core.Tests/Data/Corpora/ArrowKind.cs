namespace BiPE.Core.Tests.Data.Corpora;

/// <summary>Ways in which an Arrow table can be written.</summary>
public enum ArrowKind
{
    Stream,
    LargeStrings,
    Compressed,
    Dictionary,
    File,
}
