using System.Text.RegularExpressions;

namespace BiPE.Core.Hub;

/// <summary>Names of repositories in place of local folders: <c>hzy00/BiPE_RoPE-151M</c> becomes a folder with its files.</summary>
public static partial class HubFolder
{
    /// <summary>Whether a text has the form of a repository's name: <c>owner/name</c>, or the bare name that some old ones have.</summary>
    /// <param name="text">Any text.</param>
    public static bool IsName(string text) => NameForm().IsMatch(text) && !text.Contains("..", StringComparison.Ordinal);

    /// <summary>
    /// The folder of a repository below a common one, <c>root/owner/name</c>, with all its files. What was fetched whole
    /// before is returned without asking the hub, even if a branch has moved since; fetch with <see cref="HubFetch"/> to renew it.
    /// </summary>
    /// <param name="options">The hub.</param>
    /// <param name="request">What to fetch; its folder is the common one.</param>
    /// <param name="note">Told of repetitions and the like; null for nobody.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>Full path of the folder.</returns>
    /// <exception cref="BipeException">It cannot be fetched, or the folder holds something else.</exception>
    public static async Task<string> FetchAsync(
        HubOptions options, HubRequest request, Action<string>? note = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!IsName(request.Repository))
        {
            throw new BipeException($"'{request.Repository}' is neither a folder nor the name of a repository (owner/name).");
        }

        string folder = Path.GetFullPath(Path.Combine([request.Folder, .. request.Repository.Split('/')]));
        if (IsFetched(folder, request))
        {
            return folder;
        }

        using HubFetch fetch = await HubFetch.PrepareAsync(options, request with { Folder = folder }, note, cancellation);
        await fetch.RunAsync(cancellation);
        return folder;
    }

    private static bool IsFetched(string folder, HubRequest request) =>
        !request.Verify
        && HubRecord.Read(folder) is { IsComplete: true } record
        && record.Repository == request.Repository
        && (request.Type is null || record.Type == request.Type)
        && (record.Revision == request.Revision || record.Commit == request.Revision)
        && record.Include.SequenceEqual(request.Include)
        && record.Exclude.SequenceEqual(request.Exclude)
        && record.Files.All(file => File.Exists(Path.Combine(folder, file.Key)));

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)?\z")]
    private static partial Regex NameForm();
}
