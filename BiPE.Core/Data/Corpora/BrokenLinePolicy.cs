namespace BiPE.Core.Data.Corpora;

/// <summary>What to do with a line that is not a record.</summary>
public enum BrokenLinePolicy
{
    /// <summary>Count and report it, and go on with the next line.</summary>
    Skip,

    /// <summary>Stop with a <see cref="BipeException"/> that names file, line and reason.</summary>
    Refuse,
}
