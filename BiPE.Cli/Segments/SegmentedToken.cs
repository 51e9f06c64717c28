namespace BiPE.Cli.Segments;

/// <summary>A token of a text with its bilevel ids.</summary>
/// <param name="Id">Token id.</param>
/// <param name="Piece">Its spelling in the vocabulary.</param>
/// <param name="Text">The characters that start in it; null if it only goes on with one that started before. Empty for special tokens.</param>
/// <param name="Segment">Inter-segment id: segments before it.</param>
/// <param name="Offset">Intra-segment id: tokens before it in its segment, not clipped.</param>
/// <param name="IsSeparator">Whether it closes its segment.</param>
internal sealed record SegmentedToken(int Id, string Piece, string? Text, int Segment, int Offset, bool IsSeparator);
