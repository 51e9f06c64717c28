namespace BiPE.Cli.Segments;

/// <summary>How segments are told apart.</summary>
internal interface ISegmentStyle
{
    /// <summary>What stands in front of a segment's first token in running text.</summary>
    /// <param name="segment">Number of the segment.</param>
    string StartOf(int segment);

    /// <summary>A token's text, without line feeds.</summary>
    /// <param name="text">The text.</param>
    /// <param name="segment">Number of its segment.</param>
    /// <param name="isSeparator">Whether it closes the segment.</param>
    string Paint(string text, int segment, bool isSeparator);
}
