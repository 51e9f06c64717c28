using BiPE.Core.Checkpoints;
using BiPE.Core.Tokenization;

namespace BiPE.Core.Data;

/// <summary>A tokenized corpus on the disk, read through memory-mapped files, so that it may be larger than the memory.</summary>
public sealed class TokenShard : IDocumentSource, IDisposable
{
    private readonly string _folder;
    private readonly List<MappedPart> _parts = [];

    private TokenShard(string folder, TokenShardIndex index)
    {
        _folder = folder;
        Index = index;
    }

    /// <summary>What the shard says about itself.</summary>
    public TokenShardIndex Index { get; }

    /// <inheritdoc/>
    public long TokenCount => Index.TokenCount;

    /// <inheritdoc/>
    public long DocumentCount => Index.DocumentCount;

    /// <summary>Whether a folder looks like a token shard, that is, has its index, in whatever state, and no other program's file of that name.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="BipeException">It has a file of the index's name that cannot be read.</exception>
    public static bool IsShard(string folder) =>
        Path.Combine(folder, TokenShardIndex.FileName) is var index && File.Exists(index) && !TokenShardIndex.IsForeign(index);

    /// <summary>Maps the files of a shard; their sizes are checked, their content only by <see cref="Verify"/>.</summary>
    /// <param name="folder">Folder that <see cref="TokenShardWriter"/> wrote.</param>
    /// <exception cref="BipeException">There is no shard, a file is missing, cut off or unreadable, or the format is of another version.</exception>
    public static TokenShard Open(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!File.Exists(Path.Combine(folder, TokenShardIndex.FileName)))
        {
            throw Missing(folder);
        }

        TokenShardIndex index = TokenShardIndex.Load(Path.Combine(folder, TokenShardIndex.FileName));
        var shard = new TokenShard(folder, index);
        try
        {
            shard.MapParts();
            return shard;
        }
        catch
        {
            shard.Dispose();
            throw;
        }
    }

    /// <summary>Throws unless the shard was made by this very tokenizer.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <exception cref="BipeException">Another tokenizer made it.</exception>
    public void RequireTokenizer(ITokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        if (tokenizer.Fingerprint != Index.TokenizerFingerprint)
        {
            throw new BipeException(
                $"The token shard '{_folder}' was made by another tokenizer ({Index.TokenizerKind}, {Index.VocabularySize} ids, {Short(Index.TokenizerFingerprint)}) "
                + $"than the one given ({tokenizer.Kind}, {tokenizer.VocabularySize} ids, {Short(tokenizer.Fingerprint)}); tokenize the text again with 'bipe data tokenize'.");
        }

        static string Short(string fingerprint) => fingerprint.Length > 12 ? fingerprint[..12] : fingerprint;
    }

    /// <inheritdoc/>
    /// <exception cref="ObjectDisposedException">The shard was disposed.</exception>
    /// <exception cref="BipeException">The token file is corrupt: an id is not in the vocabulary.</exception>
    public void Read(long start, Span<int> destination)
    {
        TokenRange.ThrowIfOutside(start, destination.Length, TokenCount);
        for (int number = PartOf(start, part => part.FirstToken); !destination.IsEmpty; number++)
        {
            MappedPart part = _parts[number];
            long inPart = start - part.FirstToken;
            Span<int> chunk = destination[..(int)Math.Min(destination.Length, part.Counts.TokenCount - inPart)];
            if (Index.ElementBytes == sizeof(ushort))
            {
                part.Tokens.ReadUInt16(inPart, chunk);
            }
            else
            {
                part.Tokens.ReadInt32(inPart, chunk);
            }

            int bad = chunk.IndexOfAnyExceptInRange(0, Index.VocabularySize - 1);
            if (bad >= 0)
            {
                throw Corrupt(TokenShardIndex.TokensFileName(number), $"token {start + bad} is {chunk[bad]}, outside the vocabulary of {Index.VocabularySize}");
            }

            start += chunk.Length;
            destination = destination[chunk.Length..];
        }
    }

    /// <summary>Index of a document's first token, which is the begin-of-sentence token.</summary>
    /// <param name="document">Number of the document, counted from 0; <see cref="DocumentCount"/> gives <see cref="TokenCount"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such document.</exception>
    /// <exception cref="BipeException">The document file is corrupt: the start is not in its part, or not behind that of the document before.</exception>
    public long DocumentStart(long document)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(document);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(document, DocumentCount);
        if (document == DocumentCount)
        {
            return TokenCount;
        }

        int number = PartOf(document, part => part.FirstDocument);
        MappedPart part = _parts[number];
        long inPart = document - part.FirstDocument;
        long start = part.Documents.ReadInt64(inPart);
        long before = inPart == 0 ? -1 : part.Documents.ReadInt64(inPart - 1);
        if (inPart == 0 ? start != 0 : start <= before || start >= part.Counts.TokenCount)
        {
            string other = inPart == 0 ? "expected 0" : $"the one before it at {before}";
            throw Corrupt(TokenShardIndex.DocumentsFileName(number), $"document {document} starts at token {start} of {part.Counts.TokenCount}, {other}");
        }

        return part.FirstToken + start;
    }

    /// <summary>Reads both files whole and compares them with the hashes of the index; checks ids and the order of documents.</summary>
    /// <param name="cancellation">Stops the check.</param>
    /// <exception cref="BipeException">A file is not what was written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Verify(CancellationToken cancellation = default)
    {
        for (int part = 0; part < _parts.Count; part++)
        {
            VerifyHash(TokenShardIndex.TokensFileName(part), Index.Parts[part].TokensHash, cancellation);
            VerifyHash(TokenShardIndex.DocumentsFileName(part), Index.Parts[part].DocumentsHash, cancellation);
            for (long document = _parts[part].FirstDocument; document < _parts[part].FirstDocument + _parts[part].Counts.DocumentCount; document++)
            {
                DocumentStart(document);
            }
        }

        int[] ids = new int[1 << 16];
        for (long start = 0; start < TokenCount; start += ids.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            Span<int> chunk = ids.AsSpan(0, (int)Math.Min(ids.Length, TokenCount - start));
            Read(start, chunk);
        }
    }

    /// <summary>Unmaps the files.</summary>
    public void Dispose()
    {
        _parts.ForEach(part => part.Dispose());
    }

    private void MapParts()
    {
        (long token, long document) = (0, 0);
        foreach (TokenShardPart part in Index.Parts)
        {
            MappedFile tokens = Map(_folder, TokenShardIndex.TokensFileName(_parts.Count), part.TokenCount * Index.ElementBytes);
            try
            {
                MappedFile documents = Map(_folder, TokenShardIndex.DocumentsFileName(_parts.Count), part.DocumentCount * sizeof(long));
                _parts.Add(new MappedPart(tokens, documents, token, document, part));
            }
            catch
            {
                tokens.Dispose();
                throw;
            }

            token += part.TokenCount;
            document += part.DocumentCount;
        }
    }

    /// <summary>The last part whose first element is at <paramref name="index"/> or before it.</summary>
    private int PartOf(long index, Func<MappedPart, long> first)
    {
        (int low, int high) = (0, _parts.Count - 1);
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = first(_parts[middle]) <= index ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    private static MappedFile Map(string folder, string name, long expectedBytes)
    {
        string path = Path.Combine(folder, name);
        try
        {
            if (!File.Exists(path))
            {
                throw new BipeException($"The token shard '{folder}' lacks its file {name}; tokenize the text again with 'bipe data tokenize'.");
            }

            long bytes = FileLength.Of(path);
            return bytes == expectedBytes
                ? new MappedFile(path)
                : throw new BipeException($"'{path}' has {bytes} bytes, but the index of its token shard says {expectedBytes}: it was cut off or replaced; tokenize the text again with 'bipe data tokenize'.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot read '{path}': {e.Message}", e);
        }
    }

    private void VerifyHash(string name, string expected, CancellationToken cancellation)
    {
        string path = Path.Combine(_folder, name);
        try
        {
            string found = HashedFile.HashOf(path, cancellation);
            if (found != expected)
            {
                throw Corrupt(name, $"its hash is {found}, the index says {expected}");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot read '{path}': {e.Message}", e);
        }
    }

    private BipeException Corrupt(string name, string reason) =>
        new($"'{Path.Combine(_folder, name)}' is corrupt ({reason}); tokenize the text again with 'bipe data tokenize'.");

    /// <summary>Why a folder is no token shard.</summary>
    /// <param name="folder">Folder without an index.</param>
    internal static BipeException Missing(string folder)
    {
        string reason = TokenShardWriter.FindUnfinished(folder) is { } unfinished
            ? $"only unfinished work; run the same 'bipe data tokenize' again to finish it, or read its whole parts as '{unfinished}'"
            : $"no token shard ({TokenShardIndex.FileName} is missing); make one with 'bipe data tokenize'";
        return new BipeException($"The folder '{folder}' has {reason}.");
    }
}
