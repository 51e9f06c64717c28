namespace BiPE.Core.Evaluation.Results;

/// <summary>A finished evaluation of one model on one set at one block size: a line of a results file.</summary>
public sealed record EvaluationRecord
{
    /// <summary>Identity of the evaluation; see <see cref="EvaluationKey"/>.</summary>
    public required string Key { get; init; }

    /// <summary>The model.</summary>
    public required EvaluatedModel Model { get; init; }

    /// <summary>The text.</summary>
    public required EvaluatedData Data { get; init; }

    /// <summary>How blocks were made and scored.</summary>
    public required EvaluationSettings Settings { get; init; }

    /// <summary>The numbers.</summary>
    public required EvaluationNumbers Result { get; init; }

    /// <summary>When it was finished.</summary>
    public required DateTimeOffset Finished { get; init; }

    /// <summary>What it ran on.</summary>
    public required EvaluationMachine Machine { get; init; }

    /// <summary>Loss by position in the block, positions ascending.</summary>
    public required IReadOnlyList<PositionLoss> Positions { get; init; }

    /// <summary>Loss sums by block and document.</summary>
    public required LossShares Shares { get; init; }
}
