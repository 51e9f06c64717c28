namespace BiPE.Core.Data.Statistics;

/// <summary>
/// Segments of blocks, as training and evaluation see them: documents are joined and cut into blocks of one size, a block's
/// start opens a segment and its end closes one, a document's end does neither. Tokens after the last whole block are left out.
/// </summary>
public sealed class BlockSegments
{
    // Lengths of the segments of the block that is not full yet; they count when it is.
    private readonly List<int> _pending = [];
    private int _filled;
    private int _open;

    internal BlockSegments(int blockSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockSize, 1);
        BlockSize = blockSize;
    }

    /// <summary>Tokens of a block.</summary>
    public int BlockSize { get; }

    /// <summary>Number of whole blocks.</summary>
    public long BlockCount => SegmentsPerBlock.Count;

    /// <summary>Segments of each block, cut ones included: one more than the block's largest inter-segment id.</summary>
    public LengthHistogram SegmentsPerBlock { get; } = new();

    /// <summary>Tokens of each segment in a block, cut ones included: one more than the segment's largest intra-segment id.</summary>
    public LengthHistogram SegmentLengths { get; } = new();

    /// <summary>Adds tokens to the open segment.</summary>
    /// <param name="count">How many.</param>
    /// <param name="closes">Whether the last of them is a separator.</param>
    internal void Add(int count, bool closes)
    {
        while (count > 0)
        {
            int taken = Math.Min(count, BlockSize - _filled);
            count -= taken;
            _filled += taken;
            _open += taken;
            if (_filled == BlockSize)
            {
                CloseSegment();
                CloseBlock();
            }
        }

        if (closes && _open > 0)
        {
            CloseSegment();
        }
    }

    private void CloseSegment()
    {
        _pending.Add(_open);
        _open = 0;
    }

    private void CloseBlock()
    {
        SegmentsPerBlock.Add(_pending.Count);
        foreach (int length in _pending)
        {
            SegmentLengths.Add(length);
        }

        _pending.Clear();
        _filled = 0;
    }
}
