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
    private const int MostSets = 256;

    /// <summary>Measures one.</summary>
    /// <param name="operation">The operation at its size.</param>
    public OperationRate Measure(OperationCase operation)
    {
        (double flops, double bytes) = Count(operation);

        // Where memory decides, operands that wait in a cache would flatter.
        int sets = operation.Limit == OperationLimit.Peak ? 1 : (int)Math.Clamp(Math.Ceiling(CpuLimits.MemoryBytes / bytes), 1, MostSets);
        using var scope = new TensorScope(backend);
        Action<int> run = operation.Prepare(new OperandSets(scope, sets));
        double seconds = Timing.Median(backend, run, budget);
        double bandwidth = operation.Limit == OperationLimit.Read ? rates.ReadBytes ?? rates.CopyBytes : rates.CopyBytes;
        return new OperationRate(
            operation.Name, operation.Limit, seconds * 1e6, bytes, bytes / seconds / bandwidth, flops, flops / seconds / rates.ProductFlops);
    }

    private (double Flops, double Bytes) Count(OperationCase operation)
    {
        backend.IsRecording = false;
        using var scope = new TensorScope(backend);
        Action<int> run = operation.Prepare(new OperandSets(scope, 1));
        backend.Reset();
        backend.IsRecording = true;
        run(0);
        backend.IsRecording = false;
        return (backend.Timings.Sum(timing => timing.Flops), backend.Timings.Sum(timing => timing.Bytes));
    }
}
