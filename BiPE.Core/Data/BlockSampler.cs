namespace BiPE.Core.Data;

/// <summary>
/// Training blocks of a fixed length over a stream of tokens, in an order shuffled anew each epoch. Block <c>i</c> is the
/// tokens <c>i * BlockLength .. (i + 1) * BlockLength - 1</c>; tokens after the last whole block are never read. The order is
/// a keyed permutation of seed and epoch, computed where it is asked for: the sampler has no state, nothing is held in
/// memory, and training resumes anywhere. Safe to call from several threads if the source is.
/// </summary>
public sealed class BlockSampler
{
    private readonly ITokenSource _source;
    private readonly ulong _seed;

    /// <summary>Creates a sampler.</summary>
    /// <param name="source">The tokens.</param>
    /// <param name="blockLength">Tokens of a block.</param>
    /// <param name="seed">Decides the order.</param>
    /// <exception cref="ArgumentOutOfRangeException">The block length is not positive.</exception>
    /// <exception cref="BipeException">The corpus has fewer tokens than one block.</exception>
    public BlockSampler(ITokenSource source, int blockLength, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blockLength);
        if (source.TokenCount < blockLength)
        {
            throw new BipeException($"A block of {blockLength} tokens is longer than the whole corpus of {source.TokenCount} tokens; give more text or shorten the blocks to at most {source.TokenCount}.");
        }

        _source = source;
        _seed = seed;
        BlockLength = blockLength;
        BlockCount = source.TokenCount / blockLength;
    }

    /// <summary>Tokens of a block.</summary>
    public int BlockLength { get; }

    /// <summary>Blocks of an epoch.</summary>
    public long BlockCount { get; }

    /// <summary>Which block of the stream stands at a place of the shuffled order.</summary>
    /// <param name="index">Place, counted on over epochs: epoch <c>index / BlockCount</c>, place <c>index % BlockCount</c> in it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is negative.</exception>
    public long BlockAt(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        var (epoch, place) = Math.DivRem(index, BlockCount);
        return new BlockPermutation(BlockCount, _seed, epoch)[place];
    }

    /// <summary>Reads the block at a place of the shuffled order.</summary>
    /// <param name="index">Place, counted on over epochs, as in <see cref="BlockAt"/>.</param>
    /// <param name="destination">Receives the tokens, <see cref="BlockLength"/> of them.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is negative.</exception>
    /// <exception cref="ArgumentException">The destination has another length than a block.</exception>
    public void ReadBlock(long index, Span<int> destination)
    {
        if (destination.Length != BlockLength)
        {
            throw new ArgumentException($"The destination has {destination.Length} places, a block has {BlockLength} tokens.", nameof(destination));
        }

        _source.Read(BlockAt(index) * BlockLength, destination);
    }

    /// <summary>Reads the block at a place of the shuffled order, and which document each of its tokens is from.</summary>
    /// <param name="index">Place, counted on over epochs, as in <see cref="BlockAt"/>.</param>
    /// <param name="destination">Receives the tokens, <see cref="BlockLength"/> of them.</param>
    /// <param name="documents">Receives as many numbers of documents, counted from 0 in the block.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is negative.</exception>
    /// <exception cref="ArgumentException">A destination has another length than a block.</exception>
    /// <exception cref="InvalidOperationException">The source does not know its documents.</exception>
    public void ReadBlock(long index, Span<int> destination, Span<int> documents)
    {
        if (documents.Length != BlockLength)
        {
            throw new ArgumentException($"There are {documents.Length} places for documents, a block has {BlockLength} tokens.", nameof(documents));
        }

        if (_source is not IDocumentSource source)
        {
            throw new InvalidOperationException("The token source does not know where its documents start.");
        }

        ReadBlock(index, destination);
        long first = BlockAt(index) * BlockLength;
        long document = DocumentAt(source, first);
        for (int number = 0, done = 0; done < BlockLength; number++)
        {
            document++;
            int end = (int)Math.Min(BlockLength, source.DocumentStart(document) - first);
            documents[done..end].Fill(number);
            done = end;
        }
    }

    /// <summary>The last document that starts at a token or before it.</summary>
    private static long DocumentAt(IDocumentSource source, long token)
    {
        (long low, long high) = (0, source.DocumentCount - 1);
        while (low < high)
        {
            long middle = low + ((high - low + 1) / 2);
            (low, high) = source.DocumentStart(middle) <= token ? (middle, high) : (low, middle - 1);
        }

        return low;
    }
}
