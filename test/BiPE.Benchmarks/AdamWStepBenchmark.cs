using BiPE.Core.Tensors;

namespace BiPE.Benchmarks;

/// <summary><see cref="ITensorBackend.AdamWStep"/>.</summary>
public class AdamWStepBenchmark() : OperationBenchmarks(nameof(ITensorBackend.AdamWStep));
