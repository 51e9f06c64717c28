using System.Runtime.InteropServices;

namespace BiPE.Core.Data.Corpora.DotNetReference;

/// <summary>Finds the folder of XML documentation in the installed .NET SDK.</summary>
internal static class DotNetReferencePack
{
    /// <summary>The newest <c>packs/Microsoft.NETCore.App.Ref/VERSION/ref/netX.Y</c> with XML files, or null if no SDK is found.</summary>
    /// <param name="roots">Folders in which <c>dotnet</c> may be installed; the first with a pack wins.</param>
    public static string? Find(IEnumerable<string> roots)
    {
        foreach (string root in roots)
        {
            string packs = Path.Combine(root, "packs", "Microsoft.NETCore.App.Ref");
            if (!Directory.Exists(packs))
            {
                continue;
            }

            string? newest = Directory.EnumerateDirectories(packs)
                .OrderByDescending(folder => VersionOf(Path.GetFileName(folder)))
                .ThenByDescending(Path.GetFileName, StringComparer.Ordinal)
                .SelectMany(folder => Targets(Path.Combine(folder, "ref")))
                .FirstOrDefault(target => Directory.EnumerateFiles(target, "*.xml").Any());
            if (newest is not null)
            {
                return newest;
            }
        }

        return null;
    }

    /// <summary>Where <c>dotnet</c> may be installed, the likeliest first.</summary>
    public static IEnumerable<string> InstallationRoots()
    {
        string? named = Environment.GetEnvironmentVariable("DOTNET_ROOT");
        if (!string.IsNullOrEmpty(named))
        {
            yield return named;
        }

        // The runtime that runs this stands in ROOT/shared/Microsoft.NETCore.App/VERSION.
        yield return Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        string executable = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            var file = new FileInfo(Path.Combine(folder, executable));
            if (file.Exists)
            {
                FileSystemInfo target = file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
                yield return Path.GetDirectoryName(target.FullName)!;
            }
        }

        yield return "/usr/share/dotnet";
        yield return "/usr/lib/dotnet";
        yield return "/usr/local/share/dotnet";
        yield return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "dotnet");
        yield return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".dotnet");
    }

    private static IEnumerable<string> Targets(string folder) =>
        Directory.Exists(folder)
            ? Directory.EnumerateDirectories(folder, "net*").OrderByDescending(target => target, StringComparer.Ordinal)
            : [];

    /// <summary>The number of a version without its preview suffix; folders that are no version come last.</summary>
    private static Version VersionOf(string name) => Version.TryParse(name.Split('-')[0], out Version? version) ? version : new Version(0, 0);
}
