namespace BiPE.Cli.Benchmark.Suite;

/// <summary>One rate on one number of threads.</summary>
/// <param name="Name">What is measured.</param>
/// <param name="Unit">Unit of the rate.</param>
/// <param name="Rate">The rate.</param>
internal readonly record struct ThreadRate(string Name, string Unit, double Rate);
