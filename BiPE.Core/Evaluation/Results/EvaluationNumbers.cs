namespace BiPE.Core.Evaluation.Results;

/// <summary>The numbers of an evaluation.</summary>
public sealed record EvaluationNumbers
{
    /// <summary>Blocks scored.</summary>
    public required int Blocks { get; init; }

    /// <summary>Predictions scored.</summary>
    public required long ScoredTokens { get; init; }

    /// <summary>Bytes of UTF-8 that the scored tokens stand for; null if the tokenizer is not known.</summary>
    public long? ScoredBytes { get; init; }

    /// <summary>Mean loss in nats, weighted as the protocol says.</summary>
    public required double MeanLoss { get; init; }

    /// <summary>e to the mean loss.</summary>
    public required double Perplexity { get; init; }

    /// <summary>Sum of all losses in bits over <see cref="ScoredBytes"/>; null if those are not known.</summary>
    public double? BitsPerByte { get; init; }

    /// <summary>Interval of the mean loss; null if the text is a single document.</summary>
    public LossInterval? Interval { get; init; }

    /// <summary>Time spent scoring, in seconds; of an interrupted evaluation, all its parts together.</summary>
    public required double Seconds { get; init; }

    /// <summary>Tokens read a second, scored or not.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Most memory that the process held while it scored, in bytes; null if the system does not tell.</summary>
    public long? PeakBytes { get; init; }

    /// <summary>Most memory that tensors held in the process until then, in bytes, on the device that computed.</summary>
    public long PeakTensorBytes { get; init; }
}
