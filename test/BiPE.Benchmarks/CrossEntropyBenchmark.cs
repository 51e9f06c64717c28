using BiPE.Core.Tensors;

namespace BiPE.Benchmarks;

/// <summary><see cref="ITensorBackend.CrossEntropy"/>.</summary>
public class CrossEntropyBenchmark() : OperationBenchmarks(nameof(ITensorBackend.CrossEntropy));
