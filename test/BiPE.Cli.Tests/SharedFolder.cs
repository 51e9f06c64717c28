namespace BiPE.Cli.Tests;

/// <summary>Models that are no part of the repository: in the folder BIPE_DATA names, or in <c>shared</c> beside the repository.</summary>
internal static class SharedFolder
{
    /// <summary>A folder there; ignores the running test if it is absent.</summary>
    /// <param name="name">Path inside the shared folder.</param>
    public static string Require(string name)
    {
        string? found = Candidates().Select(root => Path.Combine(root, name)).FirstOrDefault(Directory.Exists);
        if (found is null)
        {
            Assert.Ignore($"'{name}' is not there: set BIPE_DATA to the folder of shared data, or put it beside the repository as 'shared'.");
        }

        return found;
    }

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("BIPE_DATA") is { Length: > 0 } named)
        {
            yield return named;
        }

        yield return Path.Combine(RepositoryRoot.Path, "..", "shared");
    }
}
