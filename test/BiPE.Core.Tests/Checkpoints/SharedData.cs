namespace BiPE.Core.Tests.Checkpoints;

/// <summary>Finds the repository and the data kept beside it, which a fresh clone may not have.</summary>
internal static class SharedData
{
    public static string RepositoryRoot
    {
        get
        {
            string? folder = TestContext.CurrentContext.TestDirectory;
            while (folder is not null && !File.Exists(Path.Combine(folder, "BiPE.sln")))
            {
                folder = Path.GetDirectoryName(folder);
            }

            return folder ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        }
    }

    /// <summary>A file or folder of the shared data; the test is ignored, with the reason, where it is absent.</summary>
    public static string Find(params string[] parts)
    {
        string root = Environment.GetEnvironmentVariable("BIPE_DATA") ?? Path.Combine(RepositoryRoot, "..", "shared");
        string path = Path.Combine([root, .. parts]);
        if (!File.Exists(path) && !Directory.Exists(path))
        {
            Assert.Ignore($"'{Path.Combine(parts)}' is not there: set BIPE_DATA or put 'shared' beside the repository.");
        }

        return path;
    }
}
