namespace BiPE.Core.Positions.Segments;

/// <summary>Splits a row of tokens into segments, a token at a time, so that training, evaluation and generation share it.</summary>
public interface ISegmenter
{
    /// <summary>Ids of the next token.</summary>
    /// <param name="token">Token id.</param>
    /// <param name="state">What the tokens before left; start a row with the default.</param>
    /// <returns>Inter-segment id (segments closed before the token) and intra-segment id (tokens since the segment's start, not clipped).</returns>
    (int Segment, int Offset) Advance(int token, ref SegmenterState state);
}
