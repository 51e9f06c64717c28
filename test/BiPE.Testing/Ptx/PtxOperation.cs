namespace BiPE.Testing.Ptx;

/// <summary>What a warp does at an instruction.</summary>
internal enum PtxOperation
{
    /// <summary>Computes registers from registers, each lane by itself.</summary>
    Compute,

    /// <summary>Goes elsewhere, some lanes or all.</summary>
    Branch,

    /// <summary>Ends lanes.</summary>
    Return,

    /// <summary>Waits for the group.</summary>
    Barrier,

    /// <summary>Takes other lanes' registers.</summary>
    Shuffle,

    /// <summary>Reads memory.</summary>
    Load,

    /// <summary>Writes memory.</summary>
    Store,

    /// <summary>Combines a register with memory at once.</summary>
    Reduce,
}
