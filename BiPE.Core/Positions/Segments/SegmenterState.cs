namespace BiPE.Core.Positions.Segments;

/// <summary>Where the next token of a row stands; the default is the row's start.</summary>
/// <param name="Segment">Its segment.</param>
/// <param name="Offset">Its index in the segment.</param>
public record struct SegmenterState(int Segment, int Offset);
