namespace BiPE.Testing.Ptx;

/// <summary>What a kernel may touch.</summary>
/// <param name="Parameters">Its operands.</param>
/// <param name="Global">Memory of the device.</param>
/// <param name="Shared">Memory of the group that runs.</param>
internal sealed record PtxMemory(PtxRegions Parameters, PtxRegions Global, PtxSharedMemory Shared)
{
    /// <summary>Says what is wrong with an access, or null, and notes it.</summary>
    /// <param name="space">Where the address points.</param>
    /// <param name="address">The first byte.</param>
    /// <param name="bytes">How many; their start must be a multiple.</param>
    /// <param name="thread">Who accesses, within the group.</param>
    /// <param name="isWrite">Whether memory changes.</param>
    public string? Check(PtxSpace space, ulong address, int bytes, int thread, bool isWrite)
    {
        PtxRegions regions = space switch
        {
            PtxSpace.Parameters => Parameters,
            PtxSpace.Global => Global,
            _ => Shared.Regions,
        };
        if (!regions.Contain(address, bytes))
        {
            return $"{bytes} bytes at 0x{address:x} are outside of the memory that it was given: {regions}";
        }

        if (address % (ulong)bytes != 0)
        {
            return $"{bytes} bytes at 0x{address:x} are misaligned";
        }

        if (space == PtxSpace.Shared)
        {
            return isWrite ? Shared.NoteWrite(address, bytes, thread) : Shared.NoteRead(address, bytes, thread);
        }

        return null;
    }
}
