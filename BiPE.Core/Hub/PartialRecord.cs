using System.Text.Json;
using BiPE.Core.Checkpoints;

namespace BiPE.Core.Hub;

/// <summary>Says which content a partial file is the beginning of, so that parts of two contents are never put together.</summary>
/// <param name="Commit">The commit it was fetched from.</param>
/// <param name="Size">Bytes of the whole file.</param>
/// <param name="Hash">Hash of the whole file, if the hub has one.</param>
/// <param name="Tag">The tag the server gave the bytes, if it did.</param>
internal sealed record PartialRecord(string Commit, long Size, string? Hash, string? Tag)
{
    private static readonly JsonSerializerOptions JsonOptions = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Whether a part of the one is a part of the other: the hash says so, or else the commit.</summary>
    public bool IsOfSameContent(PartialRecord other) =>
        Size == other.Size && Hash == other.Hash && (Hash is not null || Commit == other.Commit);

    /// <summary>Reads a record; null if there is none or it says nothing.</summary>
    public static PartialRecord? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<PartialRecord>(File.ReadAllBytes(path), JsonOptions);
        }
        catch (Exception e) when (e is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public void Write(string path) => AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, this, JsonOptions));
}
