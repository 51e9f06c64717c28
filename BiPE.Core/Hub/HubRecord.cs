using System.Text.Json;
using System.Text.Json.Serialization;
using BiPE.Core.Checkpoints;

namespace BiPE.Core.Hub;

/// <summary>What was fetched into a folder, in its file <c>.bipe-hub.json</c>.</summary>
internal sealed record HubRecord
{
    /// <summary>Name of the file in the folder.</summary>
    public const string FileName = ".bipe-hub.json";

    private static readonly JsonSerializerOptions JsonOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        WriteIndented = true,
        NewLine = "\n",
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Name of the repository.</summary>
    public required string Repository { get; init; }

    /// <summary>What it holds.</summary>
    public required HubRepositoryType Type { get; init; }

    /// <summary>The revision of the last fetch.</summary>
    public required string Revision { get; init; }

    /// <summary>The commit of the last fetch.</summary>
    public required string Commit { get; init; }

    /// <summary>The patterns of the last fetch.</summary>
    public required IReadOnlyList<string> Include { get; init; }

    /// <summary>The patterns of the last fetch.</summary>
    public required IReadOnlyList<string> Exclude { get; init; }

    /// <summary>Whether the last fetch got all its files.</summary>
    public required bool IsComplete { get; init; }

    /// <summary>Files that were fetched, by path.</summary>
    public required SortedDictionary<string, HubRecordedFile> Files { get; init; }

    /// <summary>Reads a folder's record; null if it has none.</summary>
    /// <exception cref="BipeException">There is something else of this name, or it cannot be read.</exception>
    public static HubRecord? Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<HubRecord>(File.ReadAllBytes(path), JsonOptions) : null;
        }
        catch (JsonException e)
        {
            throw new BipeException($"'{path}' is not the record of a fetch ({e.Message.TrimEnd('.')}); remove it, the files beside it are then compared by their content.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot read '{path}': {e.Message}", e);
        }
    }

    public void Write(string folder) => AtomicFile.WriteText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, JsonOptions) + "\n");
}
