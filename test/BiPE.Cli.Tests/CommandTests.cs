namespace BiPE.Cli.Tests;

/// <summary>A folder for each test, gone after it.</summary>
internal abstract class CommandTests
{
    /// <summary>The folder.</summary>
    protected string Folder { get; private set; } = "";

    /// <summary>Names of everything in the folder, files and folders, at any depth.</summary>
    protected IEnumerable<string> Entries =>
        Directory.EnumerateFileSystemEntries(Folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Folder, path));

    [SetUp]
    public void MakeFolder() => Folder = Directory.CreateTempSubdirectory("bipe-cli-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(Folder, recursive: true);

    /// <summary>A path in the folder.</summary>
    /// <param name="name">Name of the file or folder.</param>
    protected string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Writes a file into the folder and returns its path.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="text">Its content.</param>
    protected string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }
}
