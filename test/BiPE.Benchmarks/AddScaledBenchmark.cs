using BiPE.Core.Tensors;

namespace BiPE.Benchmarks;

/// <summary><see cref="ITensorBackend.AddScaled"/>.</summary>
public class AddScaledBenchmark() : OperationBenchmarks(nameof(ITensorBackend.AddScaled));
