namespace BiPE.Cli.Benchmark.Limits;

/// <summary>The most that managed code gets of this processor on some threads, as measured; bytes of copies are those read and those written.</summary>
/// <param name="Threads">Threads at work.</param>
/// <param name="PeakFlops">Float32 operations a second of multiply-adds in registers, each counted as two.</param>
/// <param name="ReadBytes">Bytes a second of reading memory.</param>
/// <param name="CopyBytes">Bytes a second of copying memory with ordinary stores.</param>
/// <param name="NonTemporalCopyBytes">Bytes a second of copying memory with stores past the caches.</param>
internal sealed record CpuLimits(int Threads, double PeakFlops, double ReadBytes, double CopyBytes, double NonTemporalCopyBytes)
{
    private const int Runs = 12;
    private const int MemoryRuns = 8;

    /// <summary>The faster way of copying.</summary>
    public double BestCopyBytes => Math.Max(CopyBytes, NonTemporalCopyBytes);

    /// <summary>The higher of each of two measurements: whatever else the machine does only lowers them.</summary>
    /// <param name="other">The other, of as many threads.</param>
    public CpuLimits BestWith(CpuLimits other) => new(
        Threads, Math.Max(PeakFlops, other.PeakFlops), Math.Max(ReadBytes, other.ReadBytes), Math.Max(CopyBytes, other.CopyBytes),
        Math.Max(NonTemporalCopyBytes, other.NonTemporalCopyBytes));

    /// <summary>What operations are measured against.</summary>
    public DeviceRates ToRates() => new(PeakFlops, BestCopyBytes, ReadBytes);

    /// <summary>Measures, each limit as the best of several runs; about a second in all.</summary>
    /// <param name="threads">Threads at work, 1 or more.</param>
    public static CpuLimits Measure(int threads)
    {
        using var meter = new LimitMeter(threads);
        return new CpuLimits(
            threads, meter.Peak(Runs), meter.Memory(MemoryUseKind.Read, MemoryRuns), meter.Memory(MemoryUseKind.Copy, MemoryRuns),
            meter.Memory(MemoryUseKind.CopyNonTemporal, MemoryRuns));
    }
}
