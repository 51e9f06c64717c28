using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BiPE.Cli.Benchmark.Limits;

/// <summary>The most that managed code gets of this processor on some threads, as measured; bytes of copies are those read and those written.</summary>
/// <param name="Threads">Threads at work.</param>
/// <param name="PeakFlops">Float32 operations a second of multiply-adds in registers, each counted as two.</param>
/// <param name="ReadBytes">Bytes a second of reading memory.</param>
/// <param name="CopyBytes">Bytes a second of copying memory with ordinary stores.</param>
/// <param name="NonTemporalCopyBytes">Bytes a second of copying memory with stores past the caches.</param>
internal sealed record CpuLimits(int Threads, double PeakFlops, double ReadBytes, double CopyBytes, double NonTemporalCopyBytes)
{
    /// <summary>Memory that is gone through: several times what caches hold.</summary>
    public const nint MemoryBytes = 256 << 20;

    private const nuint Alignment = 2 << 20;
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
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (Vector512.IsHardwareAccelerated)
        {
            return Measure<LimitVector512, Vector512<float>>(threads);
        }

        return Vector256.IsHardwareAccelerated
            ? Measure<LimitVector256, Vector256<float>>(threads)
            : Measure<LimitVector128, Vector128<float>>(threads);
    }

    private static unsafe CpuLimits Measure<TLimit, TVector>(int threads)
        where TLimit : struct, ILimitVector<TVector>
        where TVector : unmanaged
    {
        double peak = threads * MultiplyAddLoop<TLimit, TVector>.Flops / ThreadTeam.Best(threads, Runs, default(MultiplyAddLoop<TLimit, TVector>));
        float* memory = (float*)NativeMemory.AlignedAlloc((nuint)MemoryBytes, Alignment);
        try
        {
            NativeMemory.Clear(memory, (nuint)MemoryBytes);
            double Rate(MemoryUseKind kind) =>
                MemoryBytes / ThreadTeam.Best(threads, MemoryRuns, new MemoryLoop<TLimit, TVector>(kind, memory, MemoryBytes / sizeof(float), threads));
            return new CpuLimits(threads, peak, Rate(MemoryUseKind.Read), Rate(MemoryUseKind.Copy), Rate(MemoryUseKind.CopyNonTemporal));
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }
}
