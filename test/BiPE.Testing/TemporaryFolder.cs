using System.Text;

namespace BiPE.Testing;

/// <summary>A folder for the files of one test, gone afterwards.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>The folder.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("bipe-test-").FullName;

    /// <summary>Path of a file or folder inside.</summary>
    /// <param name="name">Its name.</param>
    public string At(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a text as UTF-8.</summary>
    /// <param name="name">Name of the file; folders in it are created.</param>
    /// <param name="text">Its content.</param>
    /// <returns>Its path.</returns>
    public string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    /// <summary>Writes bytes.</summary>
    /// <param name="name">Name of the file; folders in it are created.</param>
    /// <param name="bytes">Its content.</param>
    /// <returns>Its path.</returns>
    public string Write(string name, byte[] bytes)
    {
        string path = At(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>Removes the folder with everything in it.</summary>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
