using System.Diagnostics;

namespace BiPE.Core.Data.Statistics;

/// <summary>Counts the tokens of a shard.</summary>
public static class ShardCounter
{
    /// <summary>Name of the set under which the documents of a shard of several sets are counted; it does not say which is of which.</summary>
    public const string SeveralSets = "(several sets)";

    private const int ChunkTokens = 1 << 16;
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Reads a shard once from front to back.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="statistics">Receives the counts; bytes of text only if the shard is counted to its end.</param>
    /// <param name="options">How much to count, of this shard and all that were counted before.</param>
    /// <param name="progress">Told how many of the shard's tokens were counted, or null.</param>
    /// <param name="cancellation">Stops the count.</param>
    /// <exception cref="BipeException">The shard's document starts are corrupt.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Count(
        TokenShard shard, CorpusStatistics statistics, CountingOptions options, IProgress<long>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(shard);
        ArgumentNullException.ThrowIfNull(statistics);
        ArgumentNullException.ThrowIfNull(options);
        if (options.IsEnough(statistics.All))
        {
            return;
        }

        string set = shard.Index.Sets.Count == 1 ? shard.Index.Sets.Keys.Single() : SeveralSets;
        int[] buffer = new int[ChunkTokens];
        long reported = Stopwatch.GetTimestamp();
        long start = shard.DocumentStart(0);
        for (long document = 0; document < shard.DocumentCount; document++)
        {
            if (options.IsEnough(statistics.All))
            {
                statistics.AddTextBytes(set, null);
                return;
            }

            long end = shard.DocumentStart(document + 1);
            if (end <= start)
            {
                throw new BipeException($"The token shard is corrupt: document {document} ends at token {end}, before it starts at {start}; tokenize the text again with 'bipe data tokenize'.");
            }

            while (start < end)
            {
                cancellation.ThrowIfCancellationRequested();
                Span<int> chunk = buffer.AsSpan(0, (int)Math.Min(ChunkTokens, end - start));
                shard.Read(start, chunk);
                start += chunk.Length;
                statistics.Append(set, chunk);
                if (Stopwatch.GetElapsedTime(reported) >= ProgressInterval)
                {
                    reported = Stopwatch.GetTimestamp();
                    progress?.Report(start);
                }
            }

            statistics.EndDocument(set);
        }

        statistics.AddTextBytes(set, shard.Index.TextBytes);
    }
}
