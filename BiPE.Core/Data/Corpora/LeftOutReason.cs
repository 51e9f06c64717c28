namespace BiPE.Core.Data.Corpora;

/// <summary>Why a document of a corpus is not taken.</summary>
public enum LeftOutReason
{
    /// <summary>It belongs to a set that was not asked for.</summary>
    Set,

    /// <summary>It is shorter than the shortest that was asked for.</summary>
    TooShort,

    /// <summary>It is longer than the longest that was asked for.</summary>
    TooLong,

    /// <summary>It belongs to another part of the split.</summary>
    Split,
}
