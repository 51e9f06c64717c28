using BiPE.Core.Tensors;

namespace BiPE.Benchmarks;

/// <summary><see cref="ITensorBackend.RmsNormBackward"/>.</summary>
public class RmsNormBackwardBenchmark() : OperationBenchmarks(nameof(ITensorBackend.RmsNormBackward));
