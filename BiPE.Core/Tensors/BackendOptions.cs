namespace BiPE.Core.Tensors;

/// <summary>Settings that every backend understands or may ignore.</summary>
public sealed record BackendOptions
{
    /// <summary>Processor threads to compute with; 0 for as many as there are cores.</summary>
    public int Threads { get; init; }

    /// <summary>Number of the device, from 0, for backends that know several.</summary>
    public int Device { get; init; }

    /// <summary>What to compute in, for backends that have the choice.</summary>
    public ComputePrecision Precision { get; init; }
}
