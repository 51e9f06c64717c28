using BiPE.Core.Tensors;

namespace BiPE.Benchmarks;

/// <summary><see cref="ITensorBackend.RmsNorm"/>.</summary>
public class RmsNormBenchmark() : OperationBenchmarks(nameof(ITensorBackend.RmsNorm));
