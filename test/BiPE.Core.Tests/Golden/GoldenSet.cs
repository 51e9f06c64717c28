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

    /// <summary>
    /// Every backend with the sets that are worth its time: the small one is a part of the whole one, which takes too long on a simulated device.
    /// </summary>
    /// <param name="encodings">The models of the set to take.</param>
    public static IEnumerable<TestCaseData> Cases(params string[] encodings) =>
        from backend in TestBackends.Names
        from whole in backend == TestBackends.Simulated ? new[] { false } : TestFiles.Find("golden") is null ? [false, true] : [true]
        from encoding in encodings
        select new TestCaseData(backend, whole, encoding).SetArgDisplayNames(backend, whole ? "whole set" : "small set", encoding);

    public string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([_folder, .. parts]);

    public System.Text.Json.JsonElement Json(params ReadOnlySpan<string> parts) =>
        System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(PathOf(parts))).RootElement;

    public SafetensorsFile Arrays(params ReadOnlySpan<string> parts) => SafetensorsFile.Open(PathOf(parts));
}
