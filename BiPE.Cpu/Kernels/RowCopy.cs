using System.Runtime.CompilerServices;
using BiPE.Cpu.Simd;

namespace BiPE.Cpu.Kernels;

/// <summary>Copies rows of some vectors, for which the runtime's copy takes longer.</summary>
internal static unsafe class RowCopy<TSimd, TVector>
    where TSimd : struct, ISimd<TSimd, TVector>
    where TVector : unmanaged
{
    /// <summary>Copies a row.</summary>
    /// <param name="destination">First element.</param>
    /// <param name="source">First element.</param>
    /// <param name="count">Elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(float* destination, float* source, nint count)
    {
        nint i = 0;
        for (; i + TSimd.Width <= count; i += TSimd.Width)
        {
            TSimd.Store(destination + i, TSimd.Load(source + i));
        }

        if (i < count)
        {
            TSimd.StorePartial(destination + i, TSimd.LoadPartial(source + i, count - i), count - i);
        }
    }
}
