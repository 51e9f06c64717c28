namespace BiPE.Core.Data.Statistics;

/// <summary>How much of a corpus is counted.</summary>
public sealed record CountingOptions
{
    /// <summary>Most documents.</summary>
    public long MaximumDocuments { get; init; } = long.MaxValue;

    /// <summary>Documents after the one that reaches this many tokens are not read.</summary>
    public long MaximumTokens { get; init; } = long.MaxValue;

    /// <summary>Threads that tokenize.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    internal bool IsEnough(SetStatistics all) => all.DocumentCount >= MaximumDocuments || all.TokenCount >= MaximumTokens;
}
