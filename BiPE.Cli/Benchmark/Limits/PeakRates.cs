using BiPE.Core.Tensors;

namespace BiPE.Cli.Benchmark.Limits;

/// <summary>What a backend's operations are measured against.</summary>
internal static class PeakRates
{
    /// <summary>The processor's limits on the CPU, the rates of a large product and a long copy elsewhere.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="threads">Threads that the CPU backend computes with.</param>
    /// <param name="cancellation">Stops between measurements.</param>
    public static DeviceRates Measure(ITensorBackend backend, int threads, CancellationToken cancellation)
    {
        if (backend.Info.Name != "cpu")
        {
            return DeviceRates.Measure(backend, cancellation);
        }

        cancellation.ThrowIfCancellationRequested();
        return CpuLimits.Measure(threads).ToRates();
    }
}
