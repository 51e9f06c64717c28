using BiPE.Cli.Benchmark.Limits;
using BiPE.Cli.Benchmark.Steps;

namespace BiPE.Cli.Benchmark.Suite;

/// <summary>What the suite measured.</summary>
/// <param name="Version">Version of this program.</param>
/// <param name="Device">The CPU backend in words.</param>
/// <param name="Processors">Processors of the machine.</param>
/// <param name="Threads">Threads of operations and steps.</param>
/// <param name="Limits">The processor's limits by number of threads.</param>
/// <param name="LowestPeakFlops">The lowest peak that was found on <paramref name="Threads"/> threads; well below that of <paramref name="Limits"/>
/// if the machine had other work at times.</param>
/// <param name="Operations">Operations one by one.</param>
/// <param name="Steps">Whole passes.</param>
/// <param name="Scaling">Rates by number of threads; empty if only one was asked for.</param>
internal sealed record SuiteReport(
    string Version, string Device, int Processors, int Threads, IReadOnlyList<CpuLimits> Limits, double LowestPeakFlops,
    IReadOnlyList<OperationRate> Operations, IReadOnlyList<StepRate> Steps, IReadOnlyList<ScalingRow> Scaling);
