using BiPE.Core.Tensors;

namespace BiPE.Benchmarks;

/// <summary><see cref="ITensorBackend.Rotate"/>.</summary>
public class RotateBenchmark() : OperationBenchmarks(nameof(ITensorBackend.Rotate));
