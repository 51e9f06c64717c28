namespace BiPE.Core.Evaluation;

/// <summary>A block of tokens that is scored as one row.</summary>
/// <param name="Start">First token.</param>
/// <param name="Length">Number of tokens.</param>
/// <param name="FirstScored">Index in the block of the first token whose prediction is scored, at least 1; those before are context only.</param>
public readonly record struct TextBlock(long Start, int Length, int FirstScored = 1)
{
    /// <summary>The token after the last.</summary>
    public long End => Start + Length;
}
