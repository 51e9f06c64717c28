using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using BiPE.Core.Data.Corpora;
using BiPE.Core.Tokenization;

namespace BiPE.Core.Data;

/// <summary>Tokenizes a corpus into a folder that <see cref="TokenShard"/> maps into memory.</summary>
public static class TokenShardWriter
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Streams every document through the tokenizer into <paramref name="folder"/>; each opens with the begin-of-sentence
    /// token. The folder gets the new shard whole at the end, or stays as it was.
    /// </summary>
    /// <param name="corpus">The text.</param>
    /// <param name="tokenizer">Makes the ids.</param>
    /// <param name="folder">Folder of the shard; made if missing, a shard in it is replaced.</param>
    /// <param name="reading">Receives the corpus' counts and broken lines; null if they are not wanted.</param>
    /// <param name="progress">Is told about ten times a second, and once at the end, how far it is.</param>
    /// <param name="cancellation">Stops between two documents and leaves nothing behind.</param>
    /// <returns>The index of the new shard.</returns>
    /// <exception cref="BipeException">The corpus cannot be read, the tokenizer gives an id outside its vocabulary, or the folder cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static TokenShardIndex Write(
        ICorpus corpus,
        ITokenizer tokenizer,
        string folder,
        CorpusReading? reading = null,
        IProgress<TokenizeProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        reading ??= new CorpusReading();
        try
        {
            using TokenShardStaging staging = TokenShardStaging.Begin(folder);
            TokenShardIndex index = WriteFiles(staging, corpus, tokenizer, reading, progress, cancellation);
            staging.Publish(index);
            return index;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot write the token shard '{folder}': {e.Message} Check the free space, the folder's permissions, and that no other program writes it.", e);
        }
    }

    private static TokenShardIndex WriteFiles(
        TokenShardStaging staging,
        ICorpus corpus,
        ITokenizer tokenizer,
        CorpusReading reading,
        IProgress<TokenizeProgress>? progress,
        CancellationToken cancellation)
    {
        int elementBytes = TokenShardIndex.ElementBytesFor(tokenizer.VocabularySize);
        var sets = new SortedDictionary<string, TokenSetCounts>(StringComparer.Ordinal);
        var nothing = new TokenSetCounts(0, 0, 0);
        var ids = new List<int>();
        byte[] bytes = [];
        byte[] start = new byte[sizeof(long)];
        long tokens = 0;
        long documents = 0;
        long reported = Stopwatch.GetTimestamp();
        foreach (Document document in corpus.Read(reading, cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
            ids.Clear();
            ids.Add(tokenizer.BeginOfSentence);
            tokenizer.Encode(document.Text, ids);
            CheckIds(CollectionsMarshal.AsSpan(ids), tokenizer, document);

            BinaryPrimitives.WriteInt64LittleEndian(start, tokens);
            staging.Documents.Write(start);
            staging.Tokens.Write(ToBytes(CollectionsMarshal.AsSpan(ids), elementBytes, ref bytes));

            string setName = document.SetName ?? CorpusReading.NoSet;
            TokenSetCounts set = sets.GetValueOrDefault(setName, nothing);
            sets[setName] = new TokenSetCounts(set.Documents + 1, set.Tokens + ids.Count, set.TextBytes + Encoding.UTF8.GetByteCount(document.Text));
            tokens += ids.Count;
            documents++;
            if (progress is not null && Stopwatch.GetElapsedTime(reported) >= ProgressInterval)
            {
                reported = Stopwatch.GetTimestamp();
                progress.Report(new TokenizeProgress(reading.BytesRead, reading.TotalBytes, documents, tokens));
            }
        }

        if (documents == 0)
        {
            throw new BipeException($"'{corpus.Name}' has no documents, so there is nothing to tokenize.");
        }

        cancellation.ThrowIfCancellationRequested();
        progress?.Report(new TokenizeProgress(reading.BytesRead, reading.TotalBytes, documents, tokens));
        return new TokenShardIndex
        {
            Format = TokenShardIndex.FormatName,
            Version = TokenShardIndex.CurrentVersion,
            TokenizerKind = tokenizer.Kind,
            TokenizerFingerprint = tokenizer.Fingerprint,
            VocabularySize = tokenizer.VocabularySize,
            ElementBytes = elementBytes,
            TokenCount = tokens,
            DocumentCount = documents,
            TextBytes = sets.Values.Sum(set => set.TextBytes),
            TokensHash = staging.Tokens.Complete(),
            DocumentsHash = staging.Documents.Complete(),
            Sets = sets,
            BrokenLines = reading.BrokenLines,
        };
    }

    private static void CheckIds(ReadOnlySpan<int> ids, ITokenizer tokenizer, Document document)
    {
        foreach (int id in ids)
        {
            if ((uint)id >= (uint)tokenizer.VocabularySize)
            {
                throw new BipeException($"The {tokenizer.Kind} tokenizer gave the id {id} for {document.Source}, line {document.Line}, but its vocabulary has {tokenizer.VocabularySize} ids; check that its files belong together.");
            }
        }
    }

    /// <summary>The ids as they stand in the file, in a buffer that grows as needed.</summary>
    private static ReadOnlySpan<byte> ToBytes(ReadOnlySpan<int> ids, int elementBytes, ref byte[] buffer)
    {
        int length = checked(ids.Length * elementBytes);
        if (buffer.Length < length)
        {
            buffer = new byte[Math.Max(length, Math.Min(2L * buffer.Length, Array.MaxLength))];
        }

        Span<byte> bytes = buffer.AsSpan(0, length);
        for (int i = 0; i < ids.Length; i++)
        {
            if (elementBytes == sizeof(ushort))
            {
                BinaryPrimitives.WriteUInt16LittleEndian(bytes[(i * sizeof(ushort))..], (ushort)ids[i]);
            }
            else
            {
                BinaryPrimitives.WriteInt32LittleEndian(bytes[(i * sizeof(int))..], ids[i]);
            }
        }

        return bytes;
    }
}
