namespace BiPE.Core.Data.Corpora;

/// <summary>The files of a folder and its subfolders, links to folders followed. Hidden and system files are left out.</summary>
internal static class CorpusFolder
{
    private static readonly EnumerationOptions Listing = new() { IgnoreInaccessible = false };

    /// <summary>Lists the files, in no order.</summary>
    /// <param name="path">The folder.</param>
    public static IEnumerable<FileInfo> Files(string path)
    {
        var folder = new DirectoryInfo(path);
        return Files(folder, Resolve(folder.FullName), []);
    }

    /// <param name="folder">The folder, by the path that leads to it.</param>
    /// <param name="target">The folder itself, links resolved.</param>
    /// <param name="above">Folders above it: a link to one of them leads in a circle, which would give the same files again and again.</param>
    private static IEnumerable<FileInfo> Files(DirectoryInfo folder, string target, HashSet<string> above)
    {
        if (!above.Add(target))
        {
            yield break;
        }

        foreach (FileSystemInfo entry in folder.EnumerateFileSystemInfos("*", Listing))
        {
            if (entry is FileInfo file)
            {
                yield return file;
            }
            else if (entry is DirectoryInfo inner)
            {
                foreach (FileInfo inside in Files(inner, Resolve(Path.Combine(target, inner.Name)), above))
                {
                    yield return inside;
                }
            }
        }

        above.Remove(target);
    }

    private static string Resolve(string path) =>
        Path.TrimEndingDirectorySeparator((Directory.ResolveLinkTarget(path, returnFinalTarget: true) ?? new DirectoryInfo(path)).FullName);
}
