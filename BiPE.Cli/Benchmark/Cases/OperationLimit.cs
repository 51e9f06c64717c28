namespace BiPE.Cli.Benchmark.Cases;

/// <summary>What of a machine an operation comes up against.</summary>
internal enum OperationLimit
{
    /// <summary>The rate of multiply-adds.</summary>
    Peak,

    /// <summary>The rate of copying memory.</summary>
    Copy,

    /// <summary>The rate of reading memory.</summary>
    Read,
}
