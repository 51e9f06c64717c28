namespace BiPE.Testing.Ptx;

/// <summary>How a lane finds the one it takes a register of.</summary>
internal enum PtxShuffle
{
    /// <summary>By exclusive or of its number.</summary>
    Bfly,

    /// <summary>Some lanes below.</summary>
    Up,

    /// <summary>Some lanes above.</summary>
    Down,

    /// <summary>By number.</summary>
    Idx,
}
