using System.Runtime.InteropServices;

namespace BiPE.Testing.Ptx;

/// <summary>Runs a program with all its groups, one after another, and its warps in turn from barrier to barrier.</summary>
internal static class PtxGrid
{
    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">The program.</param>
    /// <param name="groups">Groups.</param>
    /// <param name="groupSize">Threads of each.</param>
    /// <param name="parameters">The operands, as the program reads them.</param>
    /// <param name="global">Memory of the device that it may touch.</param>
    /// <exception cref="PtxFaultException">The program is wrong.</exception>
    public static void Run(PtxProgram program, int groups, int groupSize, ReadOnlySpan<byte> parameters, PtxRegions global)
    {
        if (parameters.Length != program.ParameterBytes)
        {
            throw new PtxFaultException($"{program.Name} takes {program.ParameterBytes} bytes of operands, not {parameters.Length}.");
        }

        // Operands are read by 8 bytes at most.
        ulong[] aligned = GC.AllocateArray<ulong>((parameters.Length + 7) / 8, pinned: true);
        parameters.CopyTo(MemoryMarshal.AsBytes(aligned.AsSpan()));
        ulong address = (ulong)Marshal.UnsafeAddrOfPinnedArrayElement(aligned, 0);
        var memory = new PtxMemory(new PtxRegions([(address, (ulong)parameters.Length)]), global, new PtxSharedMemory(program.SharedArrays));
        PtxWarp[] warps =
        [
            .. Enumerable.Range(0, (groupSize + PtxWarp.Lanes - 1) / PtxWarp.Lanes)
                .Select(warp => new PtxWarp(program, memory, warp * PtxWarp.Lanes, groupSize, groups, address)),
        ];
        for (int group = 0; group < groups; group++)
        {
            memory.Shared.Reset();
            foreach (PtxWarp warp in warps)
            {
                warp.Begin(group);
            }

            while (RunToBarrier(program, warps))
            {
                memory.Shared.PassBarrier();
            }
        }

        GC.KeepAlive(aligned);
    }

    /// <summary>Runs all warps to the same barrier; false if they have ended instead.</summary>
    private static bool RunToBarrier(PtxProgram program, PtxWarp[] warps)
    {
        PtxInstruction? first = warps[0].RunToBarrier();
        foreach (PtxWarp warp in warps.AsSpan(1))
        {
            PtxInstruction? other = warp.RunToBarrier();
            if (!ReferenceEquals(first, other))
            {
                string where = first is null || other is null ? "others have ended" : $"others wait at line {other.Line}";
                throw program.Fault(first ?? other!, $"not all threads of the group reach this barrier together, {where}");
            }
        }

        return first is not null;
    }
}
