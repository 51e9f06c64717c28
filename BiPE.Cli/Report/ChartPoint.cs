namespace BiPE.Cli.Report;

/// <summary>A point of a canvas, or values of a chart's two axes.</summary>
/// <param name="X">Rightwards.</param>
/// <param name="Y">Down on a canvas, up in a chart.</param>
internal readonly record struct ChartPoint(double X, double Y);
