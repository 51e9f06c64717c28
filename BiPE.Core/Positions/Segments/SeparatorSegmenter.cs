using System.Collections.Frozen;

namespace BiPE.Core.Positions.Segments;

/// <summary>
/// Separator tokens close their segment: the separator is its segment's last token, and the next token starts another
/// (the reference's <c>get_bilevel_ids</c>). Without separators a row is one segment.
/// </summary>
public sealed class SeparatorSegmenter : ISegmenter
{
    private readonly FrozenSet<int> _separators;

    /// <summary>Creates a segmenter.</summary>
    /// <param name="separators">Ids of the separator tokens.</param>
    public SeparatorSegmenter(IEnumerable<int> separators)
    {
        ArgumentNullException.ThrowIfNull(separators);
        _separators = separators.ToFrozenSet();
    }

    /// <summary>
    /// Separators of the released models: 13, the line feed, and 869, the LLaMA tokenizer's piece "▁.", a full stop after a
    /// space. The ordinary full stop that ends a sentence in running text is 29889 and closes nothing.
    /// </summary>
    public static IReadOnlyList<int> ReferenceSeparators { get; } = [13, 869];

    /// <summary>Ids of the separator tokens, ascending.</summary>
    public IReadOnlyList<int> Separators => [.. _separators.Order()];

    /// <inheritdoc/>
    public (int Segment, int Offset) Advance(int token, ref SegmenterState state)
    {
        (int segment, int offset) = (state.Segment, state.Offset);
        state = _separators.Contains(token) ? new SegmenterState(segment + 1, 0) : new SegmenterState(segment, offset + 1);
        return (segment, offset);
    }
}
