namespace BiPE.Cuda.CuBlas;

/// <summary>This machine.</summary>
internal sealed class SystemPlaces : ISystemPlaces
{
    public bool IsWindows => OperatingSystem.IsWindows();

    public string? Variable(string name) => Environment.GetEnvironmentVariable(name);

    public bool HasFile(string path) => File.Exists(path);

    public IEnumerable<string> PythonPackageFolders()
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string?[] roots =
        [
            Variable("VIRTUAL_ENV"), Variable("CONDA_PREFIX"), home.Length == 0 ? null : Path.Combine(home, ".local"),
            .. FoldersOfPrograms(), IsWindows ? null : "/usr/local", IsWindows ? null : "/usr", IsWindows ? null : "/opt/conda",
        ];
        foreach (string root in roots.OfType<string>().Where(root => root.Length > 0).Distinct())
        {
            yield return Path.Combine(root, "Lib", "site-packages");
            foreach (string python in Versions(Path.Combine(root, "lib")))
            {
                yield return Path.Combine(python, "site-packages");
                yield return Path.Combine(python, "dist-packages");
            }
        }
    }

    /// <summary>What holds a <c>bin</c> of the search path, since a Python that is there keeps its packages beside it.</summary>
    private IEnumerable<string?> FoldersOfPrograms() => IsWindows
        ? (Variable("PATH") ?? "").Split(';')
        : (Variable("PATH") ?? "").Split(':').Where(folder => Path.GetFileName(folder) == "bin").Select(Path.GetDirectoryName);

    private static string[] Versions(string folder)
    {
        try
        {
            return Directory.Exists(folder) ? Directory.GetDirectories(folder, "python3*") : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
