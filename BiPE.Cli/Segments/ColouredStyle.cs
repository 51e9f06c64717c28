namespace BiPE.Cli.Segments;

/// <summary>
/// Black on light blue and on light orange in turn, separators white on the dark shade of the same. Foreground and background are
/// both set, so it looks alike on dark and light terminals; blue and orange are told apart by all kinds of colour vision.
/// </summary>
internal sealed class ColouredStyle : ISegmentStyle
{
    private const string Reset = "\e[0m";
    private static readonly string[] Segments = ["\e[38;5;16;48;5;153m", "\e[38;5;16;48;5;223m"];
    private static readonly string[] Separators = ["\e[1;38;5;231;48;5;25m", "\e[1;38;5;231;48;5;130m"];

    public string StartOf(int segment) => "";

    public string Paint(string text, int segment, bool isSeparator) =>
        text.Length == 0 ? "" : $"{(isSeparator ? Separators : Segments)[segment % Segments.Length]}{text}{Reset}";
}
