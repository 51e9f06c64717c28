using BiPE.Cli.Benchmark;
using BiPE.Cli.Benchmark.Limits;
using BiPE.Cpu;

namespace BiPE.Cli.Tests.Benchmark;

/// <summary>Measurements that end with Ctrl-C before they are done.</summary>
internal sealed class MeasuringStopsTests
{
    private static readonly CancellationToken Stopped = new(canceled: true);

    private CpuBackend _backend = null!;

    [SetUp]
    public void Open() => _backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });

    [TearDown]
    public void Close() => _backend.Dispose();

    [Test]
    public void OfADevice()
    {
        Assert.That(() => DeviceRates.Measure(_backend, Stopped), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(() => PeakRates.Measure(_backend, 1, Stopped), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void OfOperations()
    {
        var benchmark = new OperationBenchmark(_backend, new DeviceRates(1e12, 1e11), BenchModels.Named("bytes"), batch: 1);
        Assert.That(() => benchmark.Run(Stopped), Throws.InstanceOf<OperationCanceledException>());
    }
}
