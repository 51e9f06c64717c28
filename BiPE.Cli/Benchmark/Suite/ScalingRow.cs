namespace BiPE.Cli.Benchmark.Suite;

/// <summary>How one rate grows with threads.</summary>
/// <param name="Name">What is measured.</param>
/// <param name="Unit">Unit of the rates.</param>
/// <param name="Points">The rates, fewest threads first.</param>
internal sealed record ScalingRow(string Name, string Unit, IReadOnlyList<ScalingPoint> Points)
{
    /// <summary>Rows of rates measured on each number of threads.</summary>
    /// <param name="measured">Threads and the rates found on them; the first is one thread. All have the same rates.</param>
    public static IReadOnlyList<ScalingRow> Compare(IReadOnlyList<(int Threads, IReadOnlyList<ThreadRate> Rates)> measured) =>
    [
        .. measured[0].Rates.Select((first, index) => new ScalingRow(
            first.Name, first.Unit,
            [.. measured.Select(entry => new ScalingPoint(entry.Threads, entry.Rates[index].Rate, entry.Rates[index].Rate / first.Rate))])),
    ];
}
