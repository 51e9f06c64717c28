using BiPE.Core.Tensors;

namespace BiPE.Benchmarks;

/// <summary><see cref="ITensorBackend.AttentionBackward"/>.</summary>
public class AttentionBackwardBenchmark() : OperationBenchmarks(nameof(ITensorBackend.AttentionBackward));
