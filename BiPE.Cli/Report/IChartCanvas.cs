namespace BiPE.Cli.Report;

/// <summary>What charts are drawn on. Units are pixels, y runs down.</summary>
internal interface IChartCanvas
{
    /// <summary>Draws lines from point to point.</summary>
    /// <param name="points">Two points or more.</param>
    /// <param name="color">The colour.</param>
    /// <param name="width">Width of the lines.</param>
    /// <param name="dashes">Lengths of dashes and gaps; none for a solid line.</param>
    void Line(IReadOnlyList<ChartPoint> points, string color, double width, params IReadOnlyList<double> dashes);

    /// <summary>Fills an area.</summary>
    /// <param name="corners">Its corners.</param>
    /// <param name="color">The colour.</param>
    /// <param name="opacity">0 to 1.</param>
    /// <param name="hint">Text that appears when it is pointed at, where there is pointing.</param>
    void Area(IReadOnlyList<ChartPoint> corners, string color, double opacity = 1, string? hint = null);

    /// <summary>Writes a line of text.</summary>
    /// <param name="at">Where the text's base line starts, ends or has its middle.</param>
    /// <param name="text">The text.</param>
    /// <param name="anchor">Which of these.</param>
    /// <param name="size">Size of the letters.</param>
    /// <param name="color">The colour.</param>
    /// <param name="isBold">Whether it is bold.</param>
    /// <param name="isVertical">Whether it runs upwards.</param>
    void Text(ChartPoint at, string text, TextAnchor anchor, double size, string color, bool isBold = false, bool isVertical = false);
}
