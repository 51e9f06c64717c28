using BiPE.Core.Tensors;

namespace BiPE.Cli.Benchmark.Suite;

/// <summary>What of the suite is measured.</summary>
/// <param name="IsQuick">Whether to leave out what takes long.</param>
/// <param name="Threads">Numbers of threads to compare, or empty for one thread a core and no comparison.</param>
/// <param name="Encoding">Position encoding of the models.</param>
/// <param name="Precision">What the backend is asked to compute in.</param>
internal sealed record SuiteOptions(bool IsQuick, IReadOnlyList<int> Threads, string Encoding, ComputePrecision Precision)
{
    /// <summary>How often each operation takes turns with its limit.</summary>
    public TurnPlan Turns => IsQuick ? new(WarmUp: 0.05, Fewest: 3, Most: 9, Seconds: 0.15) : new(WarmUp: 0.1, Fewest: 3, Most: 15, Seconds: 0.5);
}
