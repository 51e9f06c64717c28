namespace BiPE.Core.Positions.Segments;

/// <summary>Every segment has the same number of tokens, whatever they are; with one, every token is a segment.</summary>
public sealed class FixedLengthSegmenter : ISegmenter
{
    private readonly int _length;

    /// <summary>Creates a segmenter.</summary>
    /// <param name="length">Tokens a segment, positive.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is not positive.</exception>
    public FixedLengthSegmenter(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        _length = length;
    }

    /// <inheritdoc/>
    public (int Segment, int Offset) Advance(int token, ref SegmenterState state)
    {
        (int segment, int offset) = (state.Segment, state.Offset);
        state = offset + 1 == _length ? new SegmenterState(segment + 1, 0) : new SegmenterState(segment, offset + 1);
        return (segment, offset);
    }
}
