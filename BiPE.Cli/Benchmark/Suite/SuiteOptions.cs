using BiPE.Core.Tensors;

namespace BiPE.Cli.Benchmark.Suite;

/// <summary>What of the suite is measured.</summary>
/// <param name="IsQuick">Whether to leave out what takes long.</param>
/// <param name="Threads">Numbers of threads to compare, or empty for one thread a core and no comparison.</param>
/// <param name="Encoding">Position encoding of the models.</param>
/// <param name="Precision">What the backend is asked to compute in.</param>
internal sealed record SuiteOptions(bool IsQuick, IReadOnlyList<int> Threads, string Encoding, ComputePrecision Precision)
{
    /// <summary>Seconds to take samples of each operation for.</summary>
    public double OperationBudget => IsQuick ? 0.05 : 0.25;
}
