namespace BiPE.Core.Tests.Tokenization;

/// <summary>Tokenizers and texts that lie outside the repository; tests that need them say so and are ignored without them.</summary>
internal static class SharedFiles
{
    /// <summary>
    /// Path of a file in the folder of BIPE_DATA, or else in <c>shared</c> beside the repository; ignores the test if it is absent.
    /// </summary>
    public static string Require(params string[] parts)
    {
        string? root = Environment.GetEnvironmentVariable("BIPE_DATA") ?? BesideRepository();
        string relative = Path.Combine(parts);
        if (root is null || !File.Exists(Path.Combine(root, relative)))
        {
            Assert.Ignore($"Needs '{relative}' in the folder that BIPE_DATA names, or in 'shared' beside the repository.");
        }

        return Path.Combine(root!, relative);
    }

    private static string? BesideRepository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "BiPE.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.Parent is { } parent ? Path.Combine(parent.FullName, "shared") : null;
    }
}
