using System.Diagnostics;
using BiPE.Core.Data.Corpora;
using BiPE.Core.Data.Tokenizing;
using BiPE.Core.Tokenization;

namespace BiPE.Core.Data;

/// <summary>Tokenizes a corpus into a folder that <see cref="TokenShard"/> maps into memory.</summary>
public static class TokenShardWriter
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Streams every document through the tokenizer into <paramref name="folder"/>; each opens with the begin-of-sentence
    /// token. The folder gets the new shard whole at the end, or stays as it was, except that work that ends early leaves its
    /// whole parts in the subfolder <c>unfinished</c>: they are a token shard, and the same call goes on behind them.
    /// </summary>
    /// <param name="corpus">The text.</param>
    /// <param name="tokenizer">Makes the ids; used by several threads at once.</param>
    /// <param name="folder">Folder of the shard; made if missing, a shard in it is replaced.</param>
    /// <param name="reading">Receives the corpus' counts and broken lines; null if they are not wanted.</param>
    /// <param name="progress">Is told about ten times a second, and once at the end, how far it is.</param>
    /// <param name="options">Number of workers and size of parts; null for the defaults.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <returns>The index of the new shard.</returns>
    /// <exception cref="BipeException">
    /// The corpus cannot be read, the tokenizer gives an id outside its vocabulary, the folder cannot be written, or it has
    /// unfinished work of another text or tokenizer, or an index.json that is no token shard's.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The options have no worker or no size.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static TokenShardIndex Write(
        ICorpus corpus,
        ITokenizer tokenizer,
        string folder,
        CorpusReading? reading = null,
        IProgress<TokenizeProgress>? progress = null,
        TokenizeOptions? options = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new TokenizeOptions();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Workers);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.PartBytes);
        reading ??= new CorpusReading();
        try
        {
            using TokenShardStaging staging = TokenShardStaging.Begin(folder);
            TokenShardIndex index = staging.Index is { } unfinished ? Resume(unfinished, staging.Subfolder, tokenizer, options) : Start(tokenizer, options);
            index = WriteParts(staging, index, corpus, tokenizer, reading, progress, options.Workers, cancellation);
            staging.Publish(index);
            return index;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot write the token shard '{folder}': {e.Message} Check the free space, the folder's permissions, and that no other program writes it.", e);
        }
    }

    /// <summary>The folder of what unfinished work has left in <paramref name="folder"/>, which is a token shard; null if there is none.</summary>
    /// <param name="folder">Folder of the shard.</param>
    public static string? FindUnfinished(string folder)
    {
        string subfolder = Path.Combine(folder, TokenShardStaging.SubfolderName);
        return TokenShard.IsShard(subfolder) ? subfolder : null;
    }

    private static TokenShardIndex WriteParts(
        TokenShardStaging staging,
        TokenShardIndex index,
        ICorpus corpus,
        ITokenizer tokenizer,
        CorpusReading reading,
        IProgress<TokenizeProgress>? progress,
        int workers,
        CancellationToken cancellation)
    {
        var writer = new PartWriter(staging, index);
        var from = new ReadingPosition(index.DocumentCount, index.Parts is [.., var last] ? last.TextHash : 0, index.BrokenLines);
        ChunkEncoder[] encoders = [.. Enumerable.Range(0, workers).Select(_ => new ChunkEncoder(tokenizer, index.ElementBytes))];
        using (var pipeline = new TokenizePipeline(new ChunkReader(corpus, tokenizer, reading, from, staging.Subfolder), encoders, cancellation))
        {
            long reported = Stopwatch.GetTimestamp();
            foreach (TextChunk chunk in pipeline.Chunks())
            {
                WriteChunk(writer, chunk, index.ElementBytes);
                if (progress is not null && Stopwatch.GetElapsedTime(reported) >= ProgressInterval)
                {
                    reported = Stopwatch.GetTimestamp();
                    progress.Report(Progress());
                }
            }
        }

        cancellation.ThrowIfCancellationRequested();
        writer.EndPart();
        progress?.Report(Progress());
        return writer.Index.DocumentCount > 0
            ? writer.Index with { BrokenLines = reading.BrokenLines }
            : throw new BipeException($"'{corpus.Name}' has no documents, so there is nothing to tokenize.");

        TokenizeProgress Progress() => new(reading.BytesRead, reading.TotalBytes, writer.DocumentCount, writer.TokenCount, writer.TextBytes);
    }

    private static void WriteChunk(PartWriter writer, TextChunk chunk, int elementBytes)
    {
        ReadOnlySpan<byte> bytes = chunk.Tokens.Span;
        foreach (ref DocumentSlice slice in chunk.Slices)
        {
            int length = slice.TokenCount * elementBytes;
            writer.Write(slice, bytes[..length]);
            bytes = bytes[length..];
        }
    }

    private static TokenShardIndex Start(ITokenizer tokenizer, TokenizeOptions options) => new()
    {
        Format = TokenShardIndex.FormatName,
        Version = TokenShardIndex.CurrentVersion,
        TokenizerKind = tokenizer.Kind,
        TokenizerFingerprint = tokenizer.Fingerprint,
        VocabularySize = tokenizer.VocabularySize,
        ElementBytes = TokenShardIndex.ElementBytesFor(tokenizer.VocabularySize),
        PartBytes = options.PartBytes,
        TokenCount = 0,
        DocumentCount = 0,
        TextBytes = 0,
        Sets = new SortedDictionary<string, TokenSetCounts>(),
        BrokenLines = 0,
        Parts = [],
    };

    private static TokenShardIndex Resume(TokenShardIndex index, string folder, ITokenizer tokenizer, TokenizeOptions options)
    {
        string? difference =
            index.TokenizerFingerprint != tokenizer.Fingerprint ? $"was made by another tokenizer ({index.TokenizerKind}, {index.VocabularySize} ids)"
            : index.PartBytes != options.PartBytes ? $"has parts of {index.PartBytes:N0} bytes, not of {options.PartBytes:N0}"
            : null;
        return difference is null
            ? index
            : throw new BipeException(
                $"The unfinished work in '{folder}' {difference}; go on with the settings it was begun with, or delete that folder to begin anew.");
    }
}
