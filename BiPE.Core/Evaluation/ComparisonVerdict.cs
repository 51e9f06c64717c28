namespace BiPE.Core.Evaluation;

/// <summary>Which of two models predicts a text better.</summary>
public enum ComparisonVerdict
{
    /// <summary>The interval of the difference holds zero.</summary>
    NoDifferenceDetected,

    /// <summary>The first model's loss is lower.</summary>
    FirstIsBetter,

    /// <summary>The second model's loss is lower.</summary>
    SecondIsBetter,

    /// <summary>A single document tells nothing about others.</summary>
    TooFewDocuments,
}
