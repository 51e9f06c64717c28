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
    /// <exception cref="ArgumentOutOfRangeException">It is less.</exception>
    public long LogEvery
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(LogEvery));
            field = value;
        }
    } = 10;

    /// <summary>How many checkpoints stay on the disk; at least 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less.</exception>
    public int KeptCheckpoints
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(KeptCheckpoints));
            field = value;
        }
    } = 2;
}
