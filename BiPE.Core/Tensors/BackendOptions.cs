namespace BiPE.Core.Tensors;

/// <summary>Settings that every backend understands or may ignore.</summary>
public sealed record BackendOptions
{
    /// <summary>Processor threads to compute with; 0 for as many as there are cores.</summary>
    public int Threads { get; init; }
}
