namespace BiPE.Core.Evaluation.Results;

/// <summary>What an evaluation that is not finished has scored since its part before: a line of a results file.</summary>
public sealed record EvaluationPart
{
    /// <summary>Identity of the evaluation; see <see cref="EvaluationKey"/>.</summary>
    public required string Key { get; init; }

    /// <summary>First block of the part.</summary>
    public required int FirstBlock { get; init; }

    /// <summary>Number of blocks.</summary>
    public required int BlockCount { get; init; }

    /// <summary>Time they took, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Sums by position of these blocks.</summary>
    public required IReadOnlyList<PositionSums> Positions { get; init; }

    /// <summary>Loss sums by block and document of these blocks.</summary>
    public required LossShares Shares { get; init; }
}
