using BiPE.Core.Checkpoints.Safetensors;
using BiPE.Testing;

namespace BiPE.Core.Tests.Golden;

/// <summary>Recorded numbers of the reference: the small part in the repository, or the whole set beside it.</summary>
internal sealed class GoldenSet
{
    private readonly string _folder;

    private GoldenSet(string folder) => _folder = folder;

    /// <summary>Opens a set; the test is ignored with the reason where the whole set is not there.</summary>
    public static GoldenSet Open(bool whole) => new(
        whole ? TestFiles.RequireShared("golden") : TestFiles.InRepository("BiPE.Core.Tests"));

    public string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([_folder, .. parts]);

    public System.Text.Json.JsonElement Json(params ReadOnlySpan<string> parts) =>
        System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(PathOf(parts))).RootElement;

    public SafetensorsFile Arrays(params ReadOnlySpan<string> parts) => SafetensorsFile.Open(PathOf(parts));
}
