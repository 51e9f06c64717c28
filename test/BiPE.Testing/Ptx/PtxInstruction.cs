namespace BiPE.Testing.Ptx;

/// <summary>
/// One instruction, its operands as numbers of registers: constants and addresses are registers, too, written before the program
/// starts.
/// </summary>
internal sealed record PtxInstruction
{
    /// <summary>What is done.</summary>
    public required PtxOperation Operation { get; init; }

    /// <summary>As it was read.</summary>
    public required string Text { get; init; }

    /// <summary>Its line in the program, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>The predicate that a lane needs to take part; -1 for none.</summary>
    public int Guard { get; init; } = -1;

    /// <summary>Whether the predicate must be false.</summary>
    public bool IsGuardNegated { get; init; }

    /// <summary>Registers written.</summary>
    public int[] Destinations { get; init; } = [];

    /// <summary>Registers read; of accesses to memory, the first holds the address.</summary>
    public int[] Sources { get; init; } = [];

    /// <summary>The first destination from the sources, of which there are up to three.</summary>
    public PtxFunction? Function { get; init; }

    /// <summary>Bytes added to the address.</summary>
    public long Offset { get; init; }

    /// <summary>Bytes of an element in memory.</summary>
    public int Size { get; init; }

    /// <summary>Where the address points.</summary>
    public PtxSpace Space { get; init; }

    /// <summary>How lanes find each other.</summary>
    public PtxShuffle Shuffle { get; init; }

    /// <summary>Where a branch goes.</summary>
    public string Label { get; init; } = "";

    /// <summary>Whether all lanes must branch alike.</summary>
    public bool IsUniform { get; init; }

    /// <summary>The instruction that <see cref="Label"/> stands before.</summary>
    public int Target { get; set; }

    /// <summary>Where lanes meet again that branch apart here.</summary>
    public int Join { get; set; }
}
