using NUnit.Framework;

namespace BiPE.Testing;

/// <summary>
/// Finds recorded results. Small ones are part of the repository, in a folder Golden of a test project; large ones, text and
/// models lie in a folder that need not be there: the one BIPE_DATA names, or <c>shared</c> beside the repository.
/// </summary>
public static class TestFiles
{
    /// <summary>Folder of the solution that the tests were built from.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    /// <summary>Path of a file in a test project's folder Golden.</summary>
    /// <param name="project">The test project, BiPE.Core.Tests for example.</param>
    /// <param name="parts">Path below Golden.</param>
    /// <exception cref="FileNotFoundException">There is no such file or folder: the repository is incomplete.</exception>
    public static string InRepository(string project, params ReadOnlySpan<string> parts)
    {
        string path = Path.Combine([RepositoryRoot, "test", project, "Golden", .. parts]);
        return Path.Exists(path) ? path : throw new FileNotFoundException($"The repository should hold {path}.", path);
    }

    /// <summary>Path of a file or folder of the shared data, or null if it is not there.</summary>
    /// <param name="parts">Path below the data folder, <c>"golden", "forward"</c> for example.</param>
    public static string? Find(params ReadOnlySpan<string> parts)
    {
        string? configured = Environment.GetEnvironmentVariable("BIPE_DATA");
        string folder = string.IsNullOrEmpty(configured) ? Path.Combine(RepositoryRoot, "..", "shared") : configured;
        string path = Path.GetFullPath(Path.Combine([folder, .. parts]));
        return Path.Exists(path) ? path : null;
    }

    /// <summary>As <see cref="Find"/>, but where nothing is there the running test is ignored with the reason.</summary>
    /// <param name="parts">Path below the data folder.</param>
    public static string RequireShared(params ReadOnlySpan<string> parts)
    {
        string? path = Find(parts);
        if (path is null)
        {
            Assert.Ignore($"'{string.Join('/', parts)}' is neither under BIPE_DATA nor in 'shared' beside the repository.");
        }

        return path!;
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "BiPE.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds BiPE.sln.");
    }
}
