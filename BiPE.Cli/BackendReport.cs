using BiPE.Core;
using BiPE.Core.Tensors;

namespace BiPE.Cli;

/// <summary>What <c>bipe info</c> tells about a backend.</summary>
/// <param name="Name">Name for <c>--backend</c>.</param>
/// <param name="IsAvailable">Whether it works here; it has computed a test product.</param>
/// <param name="Description">The device, or why it does not work.</param>
/// <param name="ActivationType">Element type that it computes in; null if it does not work.</param>
/// <param name="Details">More about what was found: devices, versions of drivers and libraries.</param>
/// <param name="HostOperations">Operations that it leaves to the slow reference code; null if it does not work.</param>
internal sealed record BackendReport(
    string Name, bool IsAvailable, string Description, IReadOnlyList<string> Details, string? ActivationType = null,
    IReadOnlyList<string>? HostOperations = null)
{
    /// <summary>Probes a backend.</summary>
    /// <param name="provider">Its provider.</param>
    public static BackendReport Create(IBackendProvider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        BackendProbe probe = provider.Probe();
        if (!probe.IsAvailable)
        {
            return new BackendReport(provider.Name, false, probe.Description, probe.Details);
        }

        try
        {
            using ITensorBackend backend = provider.Create(new BackendOptions());
            BackendCheck.Run(backend);
            return new BackendReport(
                provider.Name, true, backend.Info.Device, probe.Details, backend.Info.ActivationType.ToString(), DefaultBodies(backend.GetType()));
        }
        catch (BipeException e)
        {
            return new BackendReport(provider.Name, false, e.Message, probe.Details);
        }
    }

    /// <summary>Operations whose default body a backend keeps.</summary>
    private static List<string> DefaultBodies(Type backend) =>
        [.. backend.GetInterfaceMap(typeof(ITensorBackend)).TargetMethods
            .Where(method => method.DeclaringType == typeof(ITensorBackend))
            .Select(method => method.Name)
            .Order(StringComparer.Ordinal)];
}
