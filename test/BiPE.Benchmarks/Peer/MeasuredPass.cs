namespace BiPE.Benchmarks.Peer;

/// <summary>What a program reached in some rounds.</summary>
internal sealed class MeasuredPass
{
    private readonly List<double> _tokensPerSecond = [];
    private readonly List<double> _peakBytes = [];

    /// <summary>Median over the rounds.</summary>
    public double TokensPerSecond => Median(_tokensPerSecond);

    /// <summary>Slowest and fastest round.</summary>
    public (double Lowest, double Highest) Range => (_tokensPerSecond.Min(), _tokensPerSecond.Max());

    /// <summary>Median over the rounds of the most memory that the process held.</summary>
    public double PeakBytes => Median(_peakBytes);

    /// <summary>Adds a round.</summary>
    public void Add(double tokensPerSecond, double peakBytes)
    {
        _tokensPerSecond.Add(tokensPerSecond);
        _peakBytes.Add(peakBytes);
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
