namespace BiPE.Core.Data.Corpora;

/// <summary>What a document is for.</summary>
public enum SplitPart
{
    /// <summary>Learning.</summary>
    Train,

    /// <summary>Choosing between models and settings.</summary>
    Validation,

    /// <summary>Judging what was chosen.</summary>
    Test,
}
