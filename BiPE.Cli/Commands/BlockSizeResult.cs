using BiPE.Core.Evaluation.Results;

namespace BiPE.Cli.Commands;

/// <summary>The numbers of one block size, as JSON and CSV give them.</summary>
internal sealed record BlockSizeResult
{
    public required string Protocol { get; init; }

    public required int BlockSize { get; init; }

    public required int Blocks { get; init; }

    public required long ScoredTokens { get; init; }

    /// <summary>In nats.</summary>
    public required double MeanLoss { get; init; }

    public required double Perplexity { get; init; }

    /// <summary>Lower end of the 95% interval; null of a single document.</summary>
    public required double? PerplexityLow { get; init; }

    public required double? PerplexityHigh { get; init; }

    /// <summary>Documents of the interval; null of a single one.</summary>
    public required int? IntervalDocuments { get; init; }

    public required bool? IntervalIsReliable { get; init; }

    /// <summary>Null if the tokenizer is not known.</summary>
    public required double? BitsPerByte { get; init; }

    public required long? ScoredBytes { get; init; }

    public required double Seconds { get; init; }

    /// <summary>Tokens read a second, scored or not.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Memory of the process; where another device computes, memory of tensors on it.</summary>
    public required long? PeakBytes { get; init; }

    /// <summary>Losses by position; null if they were not asked for.</summary>
    public required IReadOnlyList<PositionLoss>? Positions { get; init; }

    /// <summary>Takes the numbers from a record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="withPositions">Whether to take losses by position too.</param>
    public static BlockSizeResult Of(EvaluationRecord record, bool withPositions)
    {
        EvaluationNumbers numbers = record.Result;
        return new BlockSizeResult
        {
            Protocol = record.Settings.Protocol,
            BlockSize = record.Settings.BlockSize,
            Blocks = numbers.Blocks,
            ScoredTokens = numbers.ScoredTokens,
            MeanLoss = numbers.MeanLoss,
            Perplexity = numbers.Perplexity,
            PerplexityLow = numbers.Interval is { } low ? Math.Exp(low.Low) : null,
            PerplexityHigh = numbers.Interval is { } high ? Math.Exp(high.High) : null,
            IntervalDocuments = numbers.Interval?.Documents,
            IntervalIsReliable = numbers.Interval?.IsReliable,
            BitsPerByte = numbers.BitsPerByte,
            ScoredBytes = numbers.ScoredBytes,
            Seconds = numbers.Seconds,
            TokensPerSecond = numbers.TokensPerSecond,
            PeakBytes = record.Machine.Backend == "cpu" ? numbers.PeakBytes ?? numbers.PeakTensorBytes : numbers.PeakTensorBytes,
            Positions = withPositions ? record.Positions : null,
        };
    }
}
