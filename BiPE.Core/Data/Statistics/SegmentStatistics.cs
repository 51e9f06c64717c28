namespace BiPE.Core.Data.Statistics;

/// <summary>How one set of separators splits documents into segments, in the text itself and in blocks of several sizes.</summary>
public sealed class SegmentStatistics
{
    private readonly bool[] _closes;
    private long _open;

    internal SegmentStatistics(SeparatorSet separators, IEnumerable<int> blockSizes)
    {
        Separators = separators;
        _closes = new bool[separators.Ids.DefaultIfEmpty(-1).Max() + 1];
        foreach (int id in separators.Ids)
        {
            _closes[id] = true;
        }

        Blocks = [.. blockSizes.Select(size => new BlockSegments(size))];
    }

    /// <summary>The tokens that close a segment; each is the last token of its segment.</summary>
    public SeparatorSet Separators { get; }

    /// <summary>Tokens of each segment of the text. A document's end closes a segment too.</summary>
    public LengthHistogram Lengths { get; } = new();

    /// <summary>The same text in blocks, for each block size.</summary>
    public IReadOnlyList<BlockSegments> Blocks { get; }

    internal void Append(ReadOnlySpan<int> tokens)
    {
        bool[] closes = _closes;
        int start = 0;
        for (int i = 0; i < tokens.Length; i++)
        {
            if ((uint)tokens[i] < (uint)closes.Length && closes[tokens[i]])
            {
                Advance(i + 1 - start, closes: true);
                start = i + 1;
            }
        }

        Advance(tokens.Length - start, closes: false);
    }

    internal void EndDocument()
    {
        if (_open > 0)
        {
            Lengths.Add(_open);
            _open = 0;
        }
    }

    private void Advance(int count, bool closes)
    {
        _open += count;
        if (closes)
        {
            Lengths.Add(_open);
            _open = 0;
        }

        foreach (BlockSegments blocks in Blocks)
        {
            blocks.Add(count, closes);
        }
    }
}
