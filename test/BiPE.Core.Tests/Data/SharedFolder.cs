namespace BiPE.Core.Tests.Data;

/// <summary>Text that is not part of the repository: the folder BIPE_DATA names, or <c>shared</c> beside the repository.</summary>
internal static class SharedFolder
{
    /// <summary>The path of a file there; ignores the running test if it is absent.</summary>
    /// <param name="name">Path inside the folder.</param>
    public static string Require(string name)
    {
        foreach (string root in Candidates())
        {
            string path = Path.Combine(root, name);
            if (File.Exists(path))
            {
                return path;
            }
        }

        Assert.Ignore($"'{name}' is not there: set BIPE_DATA to the folder of shared text, or put it beside the repository as 'shared'.");
        return "";
    }

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("BIPE_DATA") is { Length: > 0 } named)
        {
            yield return named;
        }

        for (DirectoryInfo? folder = new(TestContext.CurrentContext.TestDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "BiPE.sln")) && folder.Parent is { } parent)
            {
                yield return Path.Combine(parent.FullName, "shared");
            }
        }
    }
}
