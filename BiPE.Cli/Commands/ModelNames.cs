namespace BiPE.Cli.Commands;

/// <summary>What models are called in tables.</summary>
internal static class ModelNames
{
    /// <summary>The last part of a folder's path.</summary>
    /// <param name="folder">The folder.</param>
    public static string OwnName(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));

    /// <summary>The folders' own names where these tell the models apart.</summary>
    /// <param name="folders">The folders.</param>
    public static string[] Short(params string[] folders)
    {
        string[] names = [.. folders.Select(OwnName)];
        return names.Distinct().Count() == names.Length ? names : folders;
    }
}
