using BiPE.Core.Tensors;

namespace BiPE.Benchmarks;

/// <summary><see cref="ITensorBackend.SwiGlu"/>.</summary>
public class SwiGluBenchmark() : OperationBenchmarks(nameof(ITensorBackend.SwiGlu));
