using BiPE.Cli.Benchmark.Cases;
using BiPE.Core.Model;
using BiPE.Core.Tensors;

namespace BiPE.Cli.Benchmark;

/// <summary>The operations of a training step one by one, at the sizes that they have in it.</summary>
/// <param name="backend">The device.</param>
/// <param name="rates">What it reaches.</param>
/// <param name="config">The model.</param>
/// <param name="batch">Blocks of a step.</param>
internal sealed class OperationBenchmark(ITensorBackend backend, DeviceRates rates, ModelConfig config, int batch)
{
    private const double Budget = 0.05;

    /// <summary>Measures each operation.</summary>
    /// <param name="cancellation">Stops between operations.</param>
    public IReadOnlyList<OperationRate> Run(CancellationToken cancellation)
    {
        int time = config.TrainScale;
        var meter = new OperationMeter(new TimingBackend(backend), rates, Budget);
        return
        [
            .. ProductCases.Layers(config, batch * time)
                .Concat(AttentionCases.Of(config, batch, time, null, AttentionBiasKind.PerKey))
                .Concat(RowCases.Of(config, batch, time))
                .Select(operation =>
                {
                    cancellation.ThrowIfCancellationRequested();
                    return meter.Measure(operation);
                }),
        ];
    }
}
