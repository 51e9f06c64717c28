namespace BiPE.Core.Data;

/// <summary>Counts over a token shard: how long its documents are, and its segments for given separators.</summary>
public sealed class CorpusStatistics
{
    private const int ChunkTokens = 1 << 16;

    private CorpusStatistics(TokenShard shard)
    {
        TokenCount = shard.TokenCount;
        TextBytes = shard.Index.TextBytes;
    }

    /// <summary>Number of tokens, begin-of-sentence tokens included.</summary>
    public long TokenCount { get; }

    /// <summary>Bytes of the text in UTF-8.</summary>
    public long TextBytes { get; }

    /// <summary>Bytes of UTF-8 text for each token.</summary>
    public double BytesPerToken => (double)TextBytes / TokenCount;

    /// <summary>Tokens of each document.</summary>
    public LengthHistogram DocumentLengths { get; } = new();

    /// <summary>
    /// Tokens of each segment. A separator is the last token of its segment; a document's end closes one, too, because
    /// these are counts of the text and not of training blocks.
    /// </summary>
    public LengthHistogram SegmentLengths { get; } = new();

    /// <summary>Reads a shard once from front to back.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="separators">Ids that close a segment.</param>
    /// <param name="cancellation">Stops the count.</param>
    /// <exception cref="BipeException">The shard's document starts are corrupt.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static CorpusStatistics Compute(TokenShard shard, IReadOnlyCollection<int> separators, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(shard);
        ArgumentNullException.ThrowIfNull(separators);
        var statistics = new CorpusStatistics(shard);
        var closing = separators.ToHashSet();
        int[] buffer = new int[ChunkTokens];
        long start = shard.DocumentStart(0);
        for (long document = 0; document < shard.DocumentCount; document++)
        {
            long end = shard.DocumentStart(document + 1);
            if (end <= start)
            {
                throw new BipeException($"The token shard is corrupt: document {document} ends at token {end}, before it starts at {start}; tokenize the text again with 'bipe data tokenize'.");
            }

            statistics.DocumentLengths.Add(end - start);
            long segment = 0;
            while (start < end)
            {
                cancellation.ThrowIfCancellationRequested();
                Span<int> chunk = buffer.AsSpan(0, (int)Math.Min(ChunkTokens, end - start));
                shard.Read(start, chunk);
                start += chunk.Length;
                segment = statistics.CountSegments(chunk, closing, segment);
            }

            if (segment > 0)
            {
                statistics.SegmentLengths.Add(segment);
            }
        }

        return statistics;
    }

    /// <summary>Counts the segments that end in a chunk; takes and returns the length of the open one.</summary>
    private long CountSegments(ReadOnlySpan<int> chunk, HashSet<int> closing, long open)
    {
        foreach (int id in chunk)
        {
            open++;
            if (closing.Contains(id))
            {
                SegmentLengths.Add(open);
                open = 0;
            }
        }

        return open;
    }
}
