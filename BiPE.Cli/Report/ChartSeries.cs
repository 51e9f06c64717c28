namespace BiPE.Cli.Report;

/// <summary>A curve of a chart.</summary>
/// <param name="Name">What it is called beside its end.</param>
/// <param name="Index">Decides its colour, dashes and markers; the same for a model in all charts.</param>
/// <param name="Points">Its points, x ascending.</param>
internal sealed record ChartSeries(string Name, int Index, IReadOnlyList<ChartSample> Points);
