using BiPE.Core.Tensors;

namespace BiPE.Benchmarks;

/// <summary><see cref="ITensorBackend.MatMul"/>.</summary>
public class MatMulBenchmark() : OperationBenchmarks(nameof(ITensorBackend.MatMul));
