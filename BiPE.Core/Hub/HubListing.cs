using System.Text.Json;

namespace BiPE.Core.Hub;

/// <summary>Reads the hub's answers.</summary>
internal static class HubListing
{
    private const int Sha256Digits = 64;
    private const int Sha1Digits = 40;

    /// <summary>A petabyte; no file is larger, and sums of sizes stay far from overflowing.</summary>
    private const long LargestSize = 1L << 50;

    /// <summary>The commit of a revision.</summary>
    /// <exception cref="BipeException">The answer has none.</exception>
    public static string ReadCommit(JsonElement answer, string subject) =>
        Text(answer, "sha") is { Length: > 0 } commit ? commit : throw Unknown(subject, "it names no commit");

    /// <summary>The files of a page of the list.</summary>
    /// <exception cref="BipeException">The answer is no list, or an entry lacks what every entry has.</exception>
    public static IEnumerable<HubFile> ReadFiles(JsonElement answer, string subject)
    {
        if (answer.ValueKind != JsonValueKind.Array)
        {
            throw Unknown(subject, "it is no list");
        }

        foreach (JsonElement entry in answer.EnumerateArray())
        {
            if (Text(entry, "type") == "file")
            {
                yield return ReadFile(entry, subject);
            }
        }
    }

    private static HubFile ReadFile(JsonElement entry, string subject)
    {
        string path = Text(entry, "path") ?? throw Unknown(subject, "an entry has no path");
        bool isLarge = entry.TryGetProperty("lfs", out JsonElement large) && large.ValueKind == JsonValueKind.Object;
        long size = Size(isLarge ? large : entry) ?? throw Unknown(subject, $"'{path}' has no size");

        // A large file's own oid is that of the small pointer which stands for it in git.
        string? sha256 = isLarge ? Digest(large, Sha256Digits) : null;
        string? sha1 = isLarge ? null : Digest(entry, Sha1Digits);
        return new HubFile(path, size, sha256, sha1);
    }

    private static string? Text(JsonElement entry, string name) =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static long? Size(JsonElement entry) =>
        entry.TryGetProperty("size", out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long size) && size is >= 0 and <= LargestSize
            ? size
            : null;

    private static string? Digest(JsonElement entry, int digits) =>
        Text(entry, "oid") is { } oid && oid.Length == digits && oid.All(char.IsAsciiHexDigit) ? oid.ToLowerInvariant() : null;

    private static BipeException Unknown(string subject, string fault) =>
        new($"The answer for {subject} is not what a hub sends ({fault}); check --endpoint.");
}
