using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace BiPE.Cpu.Simd;

/// <summary>
/// Lines asked for before they are needed. A pass over memory in several streams with some arithmetic in between otherwise waits for
/// memory and then computes, because the processor looks ahead by itself only within a page and a few streams.
/// </summary>
internal static unsafe class CacheLine
{
    /// <summary>Bytes of a line.</summary>
    public const int Bytes = 64;

    /// <summary>Elements of a line.</summary>
    public const int Elements = Bytes / sizeof(float);

    /// <summary>Distance, in elements, that covers memory's latency in passes over rows.</summary>
    public const nint Ahead = 512;

    /// <summary>Asks for the line of an address, which need not be one of the program's.</summary>
    /// <param name="address">The address.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch(float* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address);
        }
    }

    /// <summary>Asks for the line of an address to come as far as an outer cache: it is needed only after much else.</summary>
    /// <param name="address">The address.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FetchOuter(float* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch1(address);
        }
    }
}
