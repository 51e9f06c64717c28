using BiPE.Core.Tensors;

namespace BiPE.Benchmarks;

/// <summary><see cref="ITensorBackend.SwiGluBackward"/>.</summary>
public class SwiGluBackwardBenchmark() : OperationBenchmarks(nameof(ITensorBackend.SwiGluBackward));
