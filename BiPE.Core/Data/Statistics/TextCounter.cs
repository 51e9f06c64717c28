using System.Text;
using BiPE.Core.Data.Corpora;
using BiPE.Core.Tokenization;

namespace BiPE.Core.Data.Statistics;

/// <summary>Counts text: several threads tokenize some documents at a time, one counts them in their order.</summary>
public static class TextCounter
{
    /// <summary>UTF-16 characters that are tokenized at a time, or one document if it is longer.</summary>
    private const long BatchCharacters = 1 << 22;

    /// <summary>Reads a corpus once from front to back; each document is opened with the begin-of-sentence token.</summary>
    /// <param name="corpus">The text.</param>
    /// <param name="tokenizer">Makes the ids; used from several threads.</param>
    /// <param name="statistics">Receives the counts.</param>
    /// <param name="options">How much to count.</param>
    /// <param name="reading">Receives the corpus' counts.</param>
    /// <param name="progress">Told after each batch, or null.</param>
    /// <param name="cancellation">Stops the count.</param>
    /// <exception cref="BipeException">The corpus cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Count(
        ICorpus corpus,
        ITokenizer tokenizer,
        CorpusStatistics statistics,
        CountingOptions options,
        CorpusReading reading,
        IProgress<TokenizeProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(statistics);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(reading);
        var batch = new List<Document>();
        long characters = 0;
        foreach (Document document in corpus.Read(reading, cancellation))
        {
            batch.Add(document);
            characters += document.Text.Length;
            if (characters < BatchCharacters && statistics.All.DocumentCount + batch.Count < options.MaximumDocuments)
            {
                continue;
            }

            CountBatch();
            if (options.IsEnough(statistics.All))
            {
                return;
            }
        }

        CountBatch();

        void CountBatch()
        {
            AddBatch(batch, tokenizer, statistics, options, cancellation);
            batch.Clear();
            characters = 0;
            progress?.Report(new TokenizeProgress(reading.BytesRead, reading.TotalBytes, statistics.All.DocumentCount, statistics.All.TokenCount, statistics.All.TextBytes ?? 0));
        }
    }

    private static void AddBatch(
        List<Document> batch, ITokenizer tokenizer, CorpusStatistics statistics, CountingOptions options, CancellationToken cancellation)
    {
        int[][] tokens = new int[batch.Count][];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellation };
        Parallel.For(0, batch.Count, parallel, i =>
        {
            var ids = new List<int> { tokenizer.BeginOfSentence };
            tokenizer.Encode(batch[i].Text, ids);
            tokens[i] = [.. ids];
        });
        foreach ((int index, Document document) in batch.Index())
        {
            if (options.IsEnough(statistics.All))
            {
                return;
            }

            statistics.Add(document.SetName ?? CorpusReading.NoSet, tokens[index], Encoding.UTF8.GetByteCount(document.Text));
        }
    }
}
