using System.Reflection;
using System.Text.Json;
using BiPE.Core;
using BiPE.Core.Checkpoints.Safetensors;

namespace BiPE.Cli.SelfTest;

/// <summary>Recorded numbers of the reference implementation: small ones that the program carries, or a folder of them.</summary>
internal sealed class GoldenFiles : IDisposable
{
    private const string Prefix = "Golden/";
    private readonly string _folder;
    private readonly bool _isTemporary;

    private GoldenFiles(string folder, bool isTemporary)
    {
        _folder = folder;
        _isTemporary = isTemporary;
    }

    /// <summary>Opens a folder, or unpacks what the program carries into a temporary one.</summary>
    /// <param name="folder">The folder, or null.</param>
    /// <exception cref="BipeException">There is no such folder.</exception>
    public static GoldenFiles Open(string? folder)
    {
        if (folder is not null)
        {
            return Directory.Exists(Path.Combine(folder, "forward"))
                ? new GoldenFiles(folder, isTemporary: false)
                : throw new BipeException($"'{folder}' has no recorded numbers: it needs the folders forward, models and training; leave --golden out for those that bipe carries.");
        }

        string temporary = Directory.CreateTempSubdirectory("bipe-selftest-").FullName;
        Assembly program = typeof(GoldenFiles).Assembly;
        foreach (string resource in program.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            string path = Path.Combine(temporary, resource[Prefix.Length..].Replace('\\', '/'));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using Stream from = program.GetManifestResourceStream(resource)!;
            using FileStream to = File.Create(path);
            from.CopyTo(to);
        }

        return new GoldenFiles(temporary, isTemporary: true);
    }

    /// <summary>Encodings with recorded forward passes.</summary>
    public IEnumerable<string> Encodings => [.. Directory.GetFiles(Path.Combine(_folder, "forward"), "*.json").Select(Path.GetFileNameWithoutExtension).OfType<string>().Order(StringComparer.Ordinal)];

    /// <summary>Folder of an encoding's model.</summary>
    /// <param name="encoding">Its name.</param>
    public string Model(string encoding) => Path.Combine(_folder, "models", encoding);

    /// <summary>Descriptions of a group.</summary>
    /// <param name="group">forward or training.</param>
    /// <param name="encoding">Encoding.</param>
    public JsonElement Json(string group, string encoding) =>
        JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_folder, group, $"{encoding}.json"))).RootElement;

    /// <summary>Arrays of a group.</summary>
    /// <param name="group">forward or training.</param>
    /// <param name="encoding">Encoding.</param>
    public SafetensorsFile Arrays(string group, string encoding) =>
        SafetensorsFile.Open(Path.Combine(_folder, group, $"{encoding}.safetensors"));

    public void Dispose()
    {
        if (_isTemporary)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}
