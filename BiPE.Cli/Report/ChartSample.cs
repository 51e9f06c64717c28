namespace BiPE.Cli.Report;

/// <summary>A point of a curve and its interval.</summary>
/// <param name="X">Context or position in tokens.</param>
/// <param name="Y">Perplexity or loss.</param>
/// <param name="Low">Lower end of the interval, or null.</param>
/// <param name="High">Upper end of the interval, or null.</param>
internal sealed record ChartSample(double X, double Y, double? Low, double? High);
