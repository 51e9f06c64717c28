using System.Runtime.CompilerServices;

namespace BiPE.Cli.Benchmark.Limits;

/// <summary>Reads or copies memory from end to end, each thread a part of it.</summary>
/// <param name="kind">What is done.</param>
/// <param name="memory">The memory, aligned to pages; a copy goes from its first half to its second.</param>
/// <param name="count">Floats it holds.</param>
/// <param name="threads">Threads that share it.</param>
internal readonly unsafe struct MemoryLoop<TLimit, TVector>(MemoryUseKind kind, float* memory, nint count, int threads) : ILimitLoop
    where TLimit : struct, ILimitVector<TVector>
    where TVector : unmanaged
{
    private const int Unrolled = 4;

    public void Run(int thread)
    {
        nint block = Unrolled * TLimit.Width;
        nint share = (kind == MemoryUseKind.Read ? count : count / 2) / threads / block * block;
        float* source = memory + (thread * share);
        float* destination = memory + (count / 2) + (thread * share);
        switch (kind)
        {
            case MemoryUseKind.Read:
                if (float.IsNaN(Read(source, share)))
                {
                    throw new InvalidOperationException("Memory that was filled with zeros holds none.");
                }

                break;
            case MemoryUseKind.Copy:
                Copy(destination, source, share);
                break;
            default:
                CopyNonTemporal(destination, source, share);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Read(float* source, nint count)
    {
        TVector a = TLimit.Broadcast(0), b = a, c = a, d = a;
        for (nint i = 0; i < count; i += Unrolled * TLimit.Width)
        {
            a = TLimit.Add(a, TLimit.Load(source + i));
            b = TLimit.Add(b, TLimit.Load(source + i + TLimit.Width));
            c = TLimit.Add(c, TLimit.Load(source + i + (2 * TLimit.Width)));
            d = TLimit.Add(d, TLimit.Load(source + i + (3 * TLimit.Width)));
        }

        return TLimit.Sum(TLimit.Add(TLimit.Add(a, b), TLimit.Add(c, d)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Copy(float* destination, float* source, nint count)
    {
        for (nint i = 0; i < count; i += Unrolled * TLimit.Width)
        {
            TVector a = TLimit.Load(source + i);
            TVector b = TLimit.Load(source + i + TLimit.Width);
            TVector c = TLimit.Load(source + i + (2 * TLimit.Width));
            TVector d = TLimit.Load(source + i + (3 * TLimit.Width));
            TLimit.Store(destination + i, a);
            TLimit.Store(destination + i + TLimit.Width, b);
            TLimit.Store(destination + i + (2 * TLimit.Width), c);
            TLimit.Store(destination + i + (3 * TLimit.Width), d);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyNonTemporal(float* destination, float* source, nint count)
    {
        for (nint i = 0; i < count; i += Unrolled * TLimit.Width)
        {
            TVector a = TLimit.Load(source + i);
            TVector b = TLimit.Load(source + i + TLimit.Width);
            TVector c = TLimit.Load(source + i + (2 * TLimit.Width));
            TVector d = TLimit.Load(source + i + (3 * TLimit.Width));
            TLimit.StoreNonTemporal(destination + i, a);
            TLimit.StoreNonTemporal(destination + i + TLimit.Width, b);
            TLimit.StoreNonTemporal(destination + i + (2 * TLimit.Width), c);
            TLimit.StoreNonTemporal(destination + i + (3 * TLimit.Width), d);
        }

        Interlocked.MemoryBarrier();
    }
}
