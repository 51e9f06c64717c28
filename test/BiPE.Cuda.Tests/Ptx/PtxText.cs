using System.Runtime.InteropServices;
using BiPE.Testing.Ptx;

namespace BiPE.Cuda.Tests.Ptx;

/// <summary>Small programs in PTX, run by two groups of two warps whose 64 threads have an element of memory each.</summary>
internal static class PtxText
{
    private const int Threads = 64;

    /// <summary>
    /// A program: %r0 is the thread; %rd0 the address of the memory, %rd2 of the thread's element; %rd3 and %rd4 the same of a shared
    /// array, and %rd6 of its neighbour's element there.
    /// </summary>
    /// <param name="body">What it does.</param>
    public static string Of(string body) =>
        $$"""
        .version 6.3
        .target sm_75
        .address_size 64

        .visible .entry Kernel_Test(
            .param .align 8 .b8 _arguments[8]
        )
        {
            .shared .align 4 .b8 tile[256];

            .reg .pred  %p<4>;
            .reg .b16   %rs<4>;
            .reg .b32   %r<8>;
            .reg .b64   %rd<8>;
            .reg .f32   %f<8>;
            .reg .f64   %fd<4>;

            ld.param.b64 %rd0, [_arguments];
            mov.b32 %r0, %tid.x;
            mul.wide.u32 %rd1, %r0, 4;
            add.u64 %rd2, %rd0, %rd1;
            mov.b64 %rd3, tile;
            add.u64 %rd4, %rd3, %rd1;
            xor.b64 %rd6, %rd1, 4;
            add.u64 %rd6, %rd3, %rd6;
        {{body.Replace("; ", ";\n", StringComparison.Ordinal)}}
            ret;
        }
        """;

    /// <summary>Runs a program and returns its memory.</summary>
    /// <param name="body">What it does.</param>
    public static int[] Run(string body)
    {
        // The first element lies at a multiple of 16 bytes.
        int[] memory = GC.AllocateArray<int>(Threads + 4, pinned: true);
        nint address = (Marshal.UnsafeAddrOfPinnedArrayElement(memory, 0) + 15) & ~15;
        var regions = new PtxRegions([((ulong)address, Threads * sizeof(int))]);
        PtxGrid.Run(PtxProgram.Parse(Of(body)), groups: 2, Threads, BitConverter.GetBytes((long)address), regions);
        var result = new int[Threads];
        Marshal.Copy(address, result, 0, Threads);
        GC.KeepAlive(memory);
        return result;
    }
}
