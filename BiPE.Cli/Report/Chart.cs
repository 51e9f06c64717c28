namespace BiPE.Cli.Report;

/// <summary>What a chart shows. Its x axis is logarithmic.</summary>
/// <param name="Title">Title.</param>
/// <param name="HorizontalLabel">What x is.</param>
/// <param name="VerticalLabel">What y is.</param>
/// <param name="Series">Its curves.</param>
internal sealed record Chart(string Title, string HorizontalLabel, string VerticalLabel, IReadOnlyList<ChartSeries> Series)
{
    /// <summary>Whether y is logarithmic.</summary>
    public bool IsLogarithmic { get; init; }

    /// <summary>Whether points have markers; without, a curve is a line.</summary>
    public bool HasMarkers { get; init; }

    /// <summary>Values of x that have a label; null for powers of two.</summary>
    public IReadOnlyList<double>? HorizontalTicks { get; init; }

    /// <summary>Values of x that a line marks: lengths that models were trained at.</summary>
    public IReadOnlyList<double> Marks { get; init; } = [];

    /// <summary>Value of y that the chart need not show; curves that go beyond leave it at its edge, with their value beside.</summary>
    public double HighestNeeded { get; init; } = double.PositiveInfinity;

    /// <summary>What it shows, for those who do not see it.</summary>
    public string Description => $"{VerticalLabel} against {HorizontalLabel}. " + string.Join(" ", Series.Select(series =>
        $"{series.Name}: {string.Join(", ", Shown(series.Points).Select(point => $"{ChartDrawing.Label(point.Y)} at {point.X:N0}"))}."));

    private IEnumerable<ChartSample> Shown(IReadOnlyList<ChartSample> points) => HasMarkers ? points : points.Where((_, i) => i == 0 || i == points.Count - 1);
}
