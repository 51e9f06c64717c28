namespace BiPE.Testing.Ptx;

/// <summary>Where an address points.</summary>
internal enum PtxSpace
{
    /// <summary>The kernel's operands.</summary>
    Parameters,

    /// <summary>Memory of the device.</summary>
    Global,

    /// <summary>Memory of a group.</summary>
    Shared,
}
