namespace BiPE.Core.Training;

/// <summary>What a run writes and when.</summary>
public sealed record TrainingRunOptions
{
    /// <summary>Folder for checkpoints and the finished model.</summary>
    public required string Output { get; init; }

    /// <summary>Steps between checkpoints; 0 saves at the end and on a stop only.</summary>
    public long SaveEvery { get; init; } = 1000;

    /// <summary>Steps between evaluations; the last step is followed by one too. 0 for none.</summary>
    public long EvaluateEvery { get; init; }

    /// <summary>Steps between log entries; at least 1.</summary>
    public long LogEvery { get; init; } = 10;

    /// <summary>How many checkpoints stay on the disk.</summary>
    public int KeptCheckpoints { get; init; } = 2;
}
