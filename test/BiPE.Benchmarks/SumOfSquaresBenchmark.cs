using BiPE.Core.Tensors;

namespace BiPE.Benchmarks;

/// <summary><see cref="ITensorBackend.SumOfSquares"/>.</summary>
public class SumOfSquaresBenchmark() : OperationBenchmarks(nameof(ITensorBackend.SumOfSquares));
