namespace BiPE.Cli.Benchmark.Suite;

/// <summary>A rate on some threads.</summary>
/// <param name="Threads">How many.</param>
/// <param name="Rate">The rate, in the row's unit.</param>
/// <param name="Speedup">Times the rate of one thread.</param>
internal sealed record ScalingPoint(int Threads, double Rate, double Speedup);
