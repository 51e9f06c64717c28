namespace BiPE.Core.Evaluation;

/// <summary>A block of tokens that is scored as one row.</summary>
/// <param name="Start">First token.</param>
/// <param name="Length">Number of tokens; all but the first are predicted.</param>
public readonly record struct TextBlock(long Start, int Length);
