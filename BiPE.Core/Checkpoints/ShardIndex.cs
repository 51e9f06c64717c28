using System.Text.Json;
using BiPE.Core.Checkpoints.Safetensors;

namespace BiPE.Core.Checkpoints;

/// <summary>The index of a checkpoint in several files, Hugging Face's <c>{"weight_map": {tensor: file}}</c>.</summary>
internal static class ShardIndex
{
    private const string Expected = "expected {\"weight_map\": {tensor: file, ...}}";

    /// <summary>Reads an index.</summary>
    /// <param name="path">The file.</param>
    /// <returns>For every tensor the path of the file it is in, which is in the index's folder.</returns>
    /// <exception cref="BipeException">The index cannot be read or is damaged.</exception>
    public static Dictionary<string, string> Read(string path)
    {
        try
        {
            byte[] bytes = File.ReadAllBytes(path);
            GitLfsPointer.Refuse(path, bytes);
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("weight_map", out var map)
                || map.ValueKind != JsonValueKind.Object)
            {
                throw new BipeException($"The index '{path}' has no object 'weight_map', {Expected}.");
            }

            string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            var shards = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var property in map.EnumerateObject())
            {
                string shard = property.Value.ValueKind == JsonValueKind.String
                    ? property.Value.GetString()!
                    : throw new BipeException($"The index '{path}' has no file name for {SafetensorsHeader.Quote(property.Name)}, {Expected}.");
                if (shard != Path.GetFileName(shard) || shard is "" or "." or ".." || shard.Contains('\0'))
                {
                    throw new BipeException(
                        $"'{path}' says that the tensor {SafetensorsHeader.Quote(property.Name)} is in {SafetensorsHeader.Quote(shard)}, " +
                        "expected the name of a file in the same folder.");
                }

                shards.Add(property.Name, Path.Combine(folder, shard));
            }

            return shards;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new BipeException($"The index '{path}' is not valid JSON ({e.Message.TrimEnd('.')}), {Expected}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot read the index '{path}': {e.Message}", e);
        }
    }

    /// <summary>The exception for a tensor that is not in the file the index says.</summary>
    public static BipeException Missing(string index, string tensor, string shard) => new(
        $"'{index}' says that the tensor {SafetensorsHeader.Quote(tensor)} is in '{Path.GetFileName(shard)}', but that file does not have it; " +
        "get the checkpoint again.");
}
