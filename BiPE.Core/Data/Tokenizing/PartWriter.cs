using System.Buffers.Binary;

namespace BiPE.Core.Data.Tokenizing;

/// <summary>Writes slices of documents into the parts of a token shard and counts them.</summary>
/// <param name="staging">The files.</param>
/// <param name="index">What earlier work has written, or an index without parts.</param>
internal sealed class PartWriter(TokenShardStaging staging, TokenShardIndex index)
{
    private readonly SortedDictionary<string, TokenSetCounts> _sets = new(index.Sets.ToDictionary(), StringComparer.Ordinal);
    private HashedFile? _tokens;
    private HashedFile? _documents;
    private long _tokensInPart;
    private long _documentsInPart;
    private ReadingPosition _position;

    /// <summary>What the whole parts hold.</summary>
    public TokenShardIndex Index { get; private set; } = index;

    /// <summary>Number of tokens so far.</summary>
    public long TokenCount => Index.TokenCount + _tokensInPart;

    /// <summary>Number of documents begun so far.</summary>
    public long DocumentCount => Index.DocumentCount + _documentsInPart;

    /// <summary>Number of bytes of the text so far.</summary>
    public long TextBytes { get; private set; } = index.TextBytes;

    /// <summary>Writes the next slice.</summary>
    /// <param name="slice">The slice, encoded.</param>
    /// <param name="bytes">Its ids as they stand in the file.</param>
    public void Write(in DocumentSlice slice, ReadOnlySpan<byte> bytes)
    {
        if (_tokens is null)
        {
            (_tokens, _documents) = staging.BeginPart();
        }

        if (slice.IsFirst)
        {
            Span<byte> start = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64LittleEndian(start, _tokensInPart);
            _documents!.Write(start);
            _documentsInPart++;
        }

        _tokens.Write(bytes);
        _tokensInPart += slice.TokenCount;
        TextBytes += slice.TextBytes;
        TokenSetCounts set = _sets.GetValueOrDefault(slice.Origin.SetName, new TokenSetCounts(0, 0, 0));
        _sets[slice.Origin.SetName] = new TokenSetCounts(
            set.Documents + (slice.IsFirst ? 1 : 0), set.Tokens + slice.TokenCount, set.TextBytes + slice.TextBytes);
        if (slice.IsLast)
        {
            _position = slice.Position;
            if (_tokensInPart * Index.ElementBytes >= Index.PartBytes)
            {
                EndPart();
            }
        }
    }

    /// <summary>Ends the part that was begun, if one was.</summary>
    public void EndPart()
    {
        if (_tokens is null)
        {
            return;
        }

        staging.EndPart((tokensHash, documentsHash) => Index with
        {
            TokenCount = TokenCount,
            DocumentCount = DocumentCount,
            TextBytes = TextBytes,
            Sets = new SortedDictionary<string, TokenSetCounts>(_sets, StringComparer.Ordinal),
            BrokenLines = _position.BrokenLines,
            Parts = [.. Index.Parts, new TokenShardPart(_tokensInPart, _documentsInPart, tokensHash, documentsHash, _position.TextHash)],
        });
        Index = staging.Index!;
        _tokens = _documents = null;
        _tokensInPart = _documentsInPart = 0;
    }
}
