namespace BiPE.Cli.Segments;

/// <summary>Without colours: bars with the number of each segment at its start.</summary>
internal sealed class MarkedStyle : ISegmentStyle
{
    public string StartOf(int segment) => $"\u2503{segment}\u2503";

    public string Paint(string text, int segment, bool isSeparator) => text;
}
