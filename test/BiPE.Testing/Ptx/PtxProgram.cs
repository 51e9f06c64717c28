namespace BiPE.Testing.Ptx;

/// <summary>A kernel in PTX, parsed.</summary>
internal sealed class PtxProgram
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Instructions in order.</summary>
    public required PtxInstruction[] Instructions { get; init; }

    /// <summary>Names of registers, also of constants.</summary>
    public required IReadOnlyList<string> Registers { get; init; }

    /// <summary>Registers that hold constants.</summary>
    public required IReadOnlyList<(int Register, ulong Bits)> Constants { get; init; }

    /// <summary>Registers that say where a thread stands, and their names.</summary>
    public required IReadOnlyList<(int Register, string Name)> Places { get; init; }

    /// <summary>Registers that hold the addresses of shared arrays.</summary>
    public required IReadOnlyList<(int Register, PtxSharedArray Array)> SharedAddresses { get; init; }

    /// <summary>Shared memory, all arrays with gaps between them.</summary>
    public required IReadOnlyList<PtxSharedArray> SharedArrays { get; init; }

    /// <summary>The register that holds the address of the operands.</summary>
    public required int ParameterAddress { get; init; }

    /// <summary>Bytes of the operands.</summary>
    public required int ParameterBytes { get; init; }

    /// <summary>Reads a program of one kernel.</summary>
    /// <param name="text">PTX.</param>
    /// <exception cref="PtxFaultException">Something in it is not known here.</exception>
    public static PtxProgram Parse(string text) => new PtxParser().Parse(text);

    /// <summary>A fault at an instruction.</summary>
    /// <param name="instruction">Where.</param>
    /// <param name="what">What is wrong.</param>
    /// <param name="inner">What it came from.</param>
    public PtxFaultException Fault(PtxInstruction instruction, string what, Exception? inner = null) =>
        new($"{Name}, line {instruction.Line}, {instruction.Text}: {what}.", inner);
}
