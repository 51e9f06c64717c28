using BiPE.Core.Tensors;

namespace BiPE.Benchmarks;

/// <summary><see cref="ITensorBackend.ScatterAddRows"/>.</summary>
public class ScatterAddRowsBenchmark() : OperationBenchmarks(nameof(ITensorBackend.ScatterAddRows));
