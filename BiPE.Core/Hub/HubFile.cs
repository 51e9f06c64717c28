using System.Text.Json.Serialization;

namespace BiPE.Core.Hub;

/// <summary>A file of a repository.</summary>
/// <param name="Path">Path in the repository, with slashes.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">SHA-256 of the content in hexadecimal, as the hub has it of large files; else null.</param>
/// <param name="GitSha1">
/// SHA-1 in hexadecimal of the content as a git blob (<c>"blob " + size + "\0" + content</c>), as the hub has it of small files; else null.
/// </param>
public sealed record HubFile(string Path, long Size, string? Sha256, string? GitSha1)
{
    /// <summary>The hash that stands for the content; null if the hub names none.</summary>
    [JsonIgnore]
    public string? Hash => Sha256 ?? GitSha1;
}
