namespace BiPE.Core.Tensors;

/// <summary>A backend that can be chosen by name.</summary>
public interface IBackendProvider
{
    /// <summary>Name for <c>--backend</c>.</summary>
    string Name { get; }

    /// <summary>Whether it works on this machine, and in words what was found or why not.</summary>
    BackendProbe Probe();

    /// <summary>Creates the backend.</summary>
    /// <param name="options">Settings.</param>
    /// <exception cref="BipeException">It does not work on this machine; the message says why.</exception>
    ITensorBackend Create(BackendOptions options);
}
