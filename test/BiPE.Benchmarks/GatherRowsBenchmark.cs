using BiPE.Core.Tensors;

namespace BiPE.Benchmarks;

/// <summary><see cref="ITensorBackend.GatherRows"/>.</summary>
public class GatherRowsBenchmark() : OperationBenchmarks(nameof(ITensorBackend.GatherRows));
