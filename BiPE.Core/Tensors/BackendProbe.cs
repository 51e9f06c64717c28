namespace BiPE.Core.Tensors;

/// <summary>Answer of a backend that was asked whether it works here.</summary>
/// <param name="IsAvailable">Whether it works.</param>
/// <param name="Description">The device found, or why there is none.</param>
public sealed record BackendProbe(bool IsAvailable, string Description)
{
    /// <summary>More about what was found, a line each: devices, versions of drivers and libraries.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];
}
