using BiPE.Core.Tensors;

namespace BiPE.Testing;

/// <summary>A backend that the conformance suite runs on.</summary>
/// <param name="Name">Name in test reports.</param>
/// <param name="Create">Makes the backend.</param>
/// <param name="CreateSingleThreaded">Makes the same backend with one thread; null if it has no threads.</param>
/// <param name="IsSimulated">
/// Whether a device is simulated: fixtures get the same one in turn and must not dispose of it, and large cases take long on it.
/// </param>
public sealed record BackendFixture(
    string Name, Func<ITensorBackend> Create, Func<ITensorBackend>? CreateSingleThreaded = null, bool IsSimulated = false)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}
