namespace BiPE.Cli.Report;

/// <summary>Colours of charts, as CSS writes them.</summary>
/// <param name="Background">Behind everything.</param>
/// <param name="Text">Titles and labels.</param>
/// <param name="Muted">Ticks and marks.</param>
/// <param name="Grid">Lines of the grid.</param>
/// <param name="Series">A colour for each series; more series begin again.</param>
internal sealed record ChartTheme(string Background, string Text, string Muted, string Grid, IReadOnlyList<string> Series)
{
    /// <summary>Dark on white. Okabe and Ito's colours, which all kinds of colour vision tell apart, the faint ones darkened.</summary>
    public static ChartTheme Light { get; } = new(
        "#ffffff", "#1b1f24", "#57606a", "#dfe3e8", ["#0072b2", "#d55e00", "#00805d", "#b3508a", "#2a8fc4", "#a06a00", "#1b1f24"]);

    /// <summary>Light on near black.</summary>
    public static ChartTheme Dark { get; } = new(
        "#14181d", "#e6e9ed", "#9aa4af", "#2c333b", ["#4aa8e0", "#f08a3c", "#2fc298", "#e08abf", "#8fd0f5", "#e6b63c", "#e6e9ed"]);

    /// <summary>Colours that a page defines as <see cref="Variables"/>, so that it can change them.</summary>
    public static ChartTheme OfPage { get; } = new(
        "var(--background)", "var(--text)", "var(--muted)", "var(--grid)", [.. Enumerable.Range(0, Light.Series.Count).Select(i => $"var(--series-{i})")]);

    /// <summary>The style declarations that give <see cref="OfPage"/> this theme's colours.</summary>
    public string Variables =>
        $"--background: {Background}; --text: {Text}; --muted: {Muted}; --grid: {Grid}; "
        + string.Concat(Series.Select((color, i) => $"--series-{i}: {color}; "));
}
