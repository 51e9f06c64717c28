using System.Text.Json;

namespace BiPE.Core.Data.Corpora;

/// <summary>
/// A folder that Hugging Face's <c>save_to_disk</c> wrote: <c>state.json</c> names the Arrow files that make up the table. Others
/// beside them are a cache.
/// </summary>
internal static class SavedDataset
{
    private const string StateFileName = "state.json";

    /// <summary>The files of the table in their order; null if the folder is no saved data set.</summary>
    /// <exception cref="BipeException">Its state is damaged, a file is missing, or it selects rows by a second table.</exception>
    public static IReadOnlyList<FileInfo>? Find(string folder)
    {
        string path = Path.Combine(folder, StateFileName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using JsonDocument state = JsonDocument.Parse(File.ReadAllBytes(path));
            if (state.RootElement.ValueKind != JsonValueKind.Object || !state.RootElement.TryGetProperty("_data_files", out JsonElement entries))
            {
                return null;
            }

            if (HasIndices(state.RootElement))
            {
                throw new BipeException($"The data set '{folder}' was saved as a selection of rows beside its table, which is not read; save it again after 'flatten_indices()'.");
            }

            return [.. entries.EnumerateArray().Select(entry => DataFile(folder, FileName(entry.GetProperty("filename"))))];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new BipeException($"'{path}' is damaged ({e.Message.TrimEnd('.')}); save or fetch the data set again.", e);
        }
    }

    private static bool HasIndices(JsonElement state) =>
        state.TryGetProperty("_indices_data_files", out JsonElement indices) && indices.ValueKind == JsonValueKind.Array && indices.GetArrayLength() > 0;

    private static string FileName(JsonElement name) =>
        name.GetString() is { } text && !text.Contains('\0', StringComparison.Ordinal)
            ? text
            : throw new JsonException($"it names a file {name.GetRawText()}");

    private static FileInfo DataFile(string folder, string name)
    {
        // A name that leads out of the folder is none that save_to_disk writes.
        var file = new FileInfo(Path.Combine(folder, Path.GetFileName(name)));
        return file.Exists
            ? file
            : throw new BipeException($"The data set '{folder}' lacks its file '{name}'; save or fetch it again.");
    }
}
