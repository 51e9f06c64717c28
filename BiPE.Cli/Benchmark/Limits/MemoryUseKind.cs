namespace BiPE.Cli.Benchmark.Limits;

/// <summary>Ways to go through memory.</summary>
internal enum MemoryUseKind
{
    /// <summary>Reading.</summary>
    Read,

    /// <summary>Copying with ordinary stores, for which the destination is read into the caches first.</summary>
    Copy,

    /// <summary>Copying with stores that go past the caches.</summary>
    CopyNonTemporal,
}
