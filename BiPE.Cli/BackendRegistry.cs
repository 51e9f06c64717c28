using BiPE.Core;
using BiPE.Core.Tensors;
using BiPE.Cpu;
using BiPE.Cuda;

namespace BiPE.Cli;

/// <summary>The backends of this program; the only place that names them.</summary>
internal sealed class BackendRegistry
{
    /// <summary>Name that stands for the first backend that works.</summary>
    public const string Automatic = "auto";

    /// <summary>Creates a registry.</summary>
    /// <param name="providers">The backends, the one that <see cref="Automatic"/> tries first at the front.</param>
    public BackendRegistry(params IBackendProvider[] providers) => Providers = providers;

    /// <summary>What the program comes with.</summary>
    public static BackendRegistry Default { get; } = new(new CudaBackendProvider(), new CpuBackendProvider())
    {
        TakenByNameOnly = [new SimulatedCudaProvider()],
    };

    /// <summary>The backends in the order in which <see cref="Automatic"/> tries them.</summary>
    public IReadOnlyList<IBackendProvider> Providers { get; }

    /// <summary>Backends that <see cref="Automatic"/> never takes.</summary>
    public IReadOnlyList<IBackendProvider> TakenByNameOnly { get; init; } = [];

    /// <summary>What may be asked for.</summary>
    public IEnumerable<string> Names =>
        [.. Providers.Select(provider => provider.Name).Reverse(), Automatic, .. TakenByNameOnly.Select(provider => provider.Name)];

    /// <summary>Opens a backend and makes sure that it computes correctly.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="options">Settings.</param>
    /// <param name="note">Told what <see cref="Automatic"/> took and why.</param>
    /// <exception cref="BipeException">It does not work here, or there is no such backend.</exception>
    public ITensorBackend Open(string name, BackendOptions options, Action<string> note)
    {
        ArgumentNullException.ThrowIfNull(note);
        if (name == Automatic)
        {
            return OpenFirst(options, note);
        }

        IBackendProvider provider = Providers.Concat(TakenByNameOnly).FirstOrDefault(provider => provider.Name == name)
            ?? throw new BipeException($"There is no backend '{name}'; choose one of {string.Join(", ", Names)}.");
        BackendProbe probe = provider.Probe();
        return probe.IsAvailable
            ? OpenVerified(provider, options)
            : throw new BipeException($"The backend '{name}' cannot be used here: {probe.Description.TrimEnd('.')}; choose another with --backend.");
    }

    private static ValidatingBackend OpenVerified(IBackendProvider provider, BackendOptions options)
    {
        var backend = new ValidatingBackend(provider.Create(options));
        try
        {
            BackendCheck.Run(backend);
            return backend;
        }
        catch
        {
            backend.Dispose();
            throw;
        }
    }

    private ValidatingBackend OpenFirst(BackendOptions options, Action<string> note)
    {
        var refusals = new List<string>();
        foreach (IBackendProvider provider in Providers)
        {
            BackendProbe probe = provider.Probe();
            if (!probe.IsAvailable)
            {
                refusals.Add($"{provider.Name}: {probe.Description}");
                continue;
            }

            try
            {
                ValidatingBackend backend = OpenVerified(provider, options);
                string reason = refusals.Count == 0 ? "" : $" ({string.Join("; ", refusals)})";
                note($"Computing with {provider.Name}, {backend.Info.Device}{reason}.");
                return backend;
            }
            catch (BipeException e)
            {
                refusals.Add($"{provider.Name}: {e.Message}");
            }
        }

        throw new BipeException($"No backend works here: {string.Join("; ", refusals)}.");
    }
}
