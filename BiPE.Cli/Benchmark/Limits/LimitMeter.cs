using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace BiPE.Cli.Benchmark.Limits;

/// <summary>Measures what managed code gets of this processor at most, again and again.</summary>
internal sealed unsafe class LimitMeter : IDisposable
{
    /// <summary>Memory that is gone through: several times what caches hold.</summary>
    public const nint MemoryBytes = 256 << 20;

    private const nuint Alignment = 2 << 20;

    private readonly int _threads;
    private readonly float* _memory;

    /// <summary>Takes the memory.</summary>
    /// <param name="threads">Threads at work, 1 or more.</param>
    public LimitMeter(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        _threads = threads;
        _memory = (float*)NativeMemory.AlignedAlloc((nuint)MemoryBytes, Alignment);
        NativeMemory.Clear(_memory, (nuint)MemoryBytes);
    }

    /// <summary>Float32 operations a second of multiply-adds in registers.</summary>
    /// <param name="runs">Runs of which the best counts.</param>
    public double Peak(int runs)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return Peak<LimitVector512, Vector512<float>>(runs);
        }

        return Vector256.IsHardwareAccelerated ? Peak<LimitVector256, Vector256<float>>(runs) : Peak<LimitVector128, Vector128<float>>(runs);
    }

    /// <summary>Bytes a second of going through memory.</summary>
    /// <param name="kind">What is done.</param>
    /// <param name="runs">Runs of which the best counts.</param>
    public double Memory(MemoryUseKind kind, int runs)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            return Memory<LimitVector512, Vector512<float>>(kind, runs);
        }

        return Vector256.IsHardwareAccelerated
            ? Memory<LimitVector256, Vector256<float>>(kind, runs)
            : Memory<LimitVector128, Vector128<float>>(kind, runs);
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose() => NativeMemory.AlignedFree(_memory);

    private double Peak<TLimit, TVector>(int runs)
        where TLimit : struct, ILimitVector<TVector>
        where TVector : unmanaged =>
        _threads * MultiplyAddLoop<TLimit, TVector>.Flops / ThreadTeam.Best(_threads, runs, default(MultiplyAddLoop<TLimit, TVector>));

    private double Memory<TLimit, TVector>(MemoryUseKind kind, int runs)
        where TLimit : struct, ILimitVector<TVector>
        where TVector : unmanaged =>
        MemoryBytes / ThreadTeam.Best(_threads, runs, new MemoryLoop<TLimit, TVector>(kind, _memory, MemoryBytes / sizeof(float), _threads));
}
