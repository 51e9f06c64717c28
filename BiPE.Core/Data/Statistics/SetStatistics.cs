namespace BiPE.Core.Data.Statistics;

/// <summary>Counts over documents of one set, or of all sets, in the order in which they were read.</summary>
public sealed class SetStatistics
{
    private long _open;

    internal SetStatistics(string name, IEnumerable<SeparatorSet> separators, IReadOnlyList<int> blockSizes)
    {
        Name = name;
        Segments = [.. separators.Select(set => new SegmentStatistics(set, blockSizes))];
    }

    /// <summary>Name of the set.</summary>
    public string Name { get; }

    /// <summary>Number of documents.</summary>
    public long DocumentCount => DocumentLengths.Count;

    /// <summary>Number of tokens, begin-of-sentence tokens included.</summary>
    public long TokenCount => DocumentLengths.Sum;

    /// <summary>Tokens of each document.</summary>
    public LengthHistogram DocumentLengths { get; } = new();

    /// <summary>Bytes of the text in UTF-8; null if they are not known.</summary>
    public long? TextBytes { get; private set; } = 0;

    /// <summary>Bytes of UTF-8 text for each token; null if they are not known.</summary>
    public double? BytesPerToken => (double?)TextBytes / TokenCount;

    /// <summary>Segments, for each set of separators.</summary>
    public IReadOnlyList<SegmentStatistics> Segments { get; }

    internal void Append(ReadOnlySpan<int> tokens)
    {
        _open += tokens.Length;
        foreach (SegmentStatistics segments in Segments)
        {
            segments.Append(tokens);
        }
    }

    internal void EndDocument()
    {
        DocumentLengths.Add(_open);
        _open = 0;
        foreach (SegmentStatistics segments in Segments)
        {
            segments.EndDocument();
        }
    }

    internal void AddTextBytes(long? bytes) => TextBytes += bytes;
}
