using BiPE.Core.Tensors;

namespace BiPE.Benchmarks;

/// <summary><see cref="ITensorBackend.Attention"/>.</summary>
public class AttentionBenchmark() : OperationBenchmarks(nameof(ITensorBackend.Attention));
