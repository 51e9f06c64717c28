using BiPE.Cli.Benchmark.Cases;
using BiPE.Cli.Benchmark.Limits;
using BiPE.Core.Tensors;

namespace BiPE.Cli.Benchmark;

/// <summary>Measures operations one by one.</summary>
/// <param name="backend">Computes them, and counts their bytes and floating-point operations.</param>
/// <param name="rates">What the device reaches at best.</param>
/// <param name="budget">Seconds to take samples of each for.</param>
internal sealed class OperationMeter(TimingBackend backend, DeviceRates rates, double budget)
{
    /// <summary>Measures one.</summary>
    /// <param name="operation">The operation at its size.</param>
    public OperationRate Measure(OperationCase operation)
    {
        (double flops, double bytes) = operation.Count(backend);
        using var scope = new TensorScope(backend);
        Action<int> run = operation.Prepare(new OperandSets(scope, operation.SetsOf(bytes, LimitMeter.MemoryBytes)));
        return OperationRate.Of(operation.Name, operation.Limit, Timing.Median(backend, run, budget), bytes, flops, rates);
    }
}
