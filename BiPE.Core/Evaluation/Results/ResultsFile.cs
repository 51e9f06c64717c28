using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace BiPE.Core.Evaluation.Results;

/// <summary>
/// A file of results, one JSON object a line, that only grows (docs/results-file.md). Every line is handed to the operating system whole; a
/// last line that a crash cut short does not count, and is removed before the next one is written.
/// </summary>
public static class ResultsFile
{
    /// <summary>The only version of the format that this library reads and writes.</summary>
    public const int CurrentVersion = 1;

    private const string EvaluationKind = "evaluation";
    private const string PartKind = "part";

    internal static readonly JsonSerializerOptions JsonOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="BipeException">It cannot be read, or a line is no result of this version.</exception>
    public static StoredResults Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return Read(path, stream, out _);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot read the results file '{path}': {e.Message}", e);
        }
    }

    /// <summary>A record as its line, without the line feed.</summary>
    /// <param name="record">The record.</param>
    internal static string LineOf(EvaluationRecord record) => Line(EvaluationKind, record);

    /// <summary>A part as its line, without the line feed.</summary>
    /// <param name="part">The part.</param>
    internal static string LineOf(EvaluationPart part) => Line(PartKind, part);

    /// <summary>Reads all whole lines.</summary>
    /// <param name="path">What to call the file in messages.</param>
    /// <param name="stream">Its content.</param>
    /// <param name="wholeBytes">Receives the number of bytes up to the last line feed.</param>
    internal static StoredResults Read(string path, Stream stream, out long wholeBytes)
    {
        var records = new List<EvaluationRecord>();
        var parts = new List<EvaluationPart>();
        wholeBytes = 0;
        int number = 0;
        var line = new MemoryStream();
        var buffer = new byte[1 << 20];
        int count;
        while ((count = stream.Read(buffer)) > 0)
        {
            ReadOnlySpan<byte> rest = buffer.AsSpan(0, count);
            while (rest.IndexOf((byte)'\n') is var end and >= 0)
            {
                line.Write(rest[..end]);
                rest = rest[(end + 1)..];
                number++;
                Parse(path, number, line.GetBuffer().AsSpan(0, (int)line.Length), records, parts);
                wholeBytes += line.Length + 1;
                line.SetLength(0);
            }

            line.Write(rest);
        }

        return new StoredResults(records, parts);
    }

    private static string Line<T>(string kind, T content)
    {
        var line = new JsonObject { ["record"] = kind, ["version"] = CurrentVersion };
        foreach ((string name, JsonNode? value) in JsonSerializer.SerializeToNode(content, JsonOptions)!.AsObject())
        {
            line[name] = value?.DeepClone();
        }

        return line.ToJsonString(JsonOptions);
    }

    private static void Parse(string path, int number, ReadOnlySpan<byte> line, List<EvaluationRecord> records, List<EvaluationPart> parts)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line.ToArray());
            JsonElement root = document.RootElement;
            switch (KindOf(root))
            {
                case EvaluationKind:
                    EvaluationRecord record = root.Deserialize<EvaluationRecord>(JsonOptions)!;
                    RequireColumns(record.Shares);
                    records.Add(record);
                    return;
                case PartKind:
                    EvaluationPart part = root.Deserialize<EvaluationPart>(JsonOptions)!;
                    RequireColumns(part.Shares);
                    parts.Add(part);
                    return;
            }
        }
        catch (JsonException e)
        {
            throw new BipeException($"'{path}' is no results file of this version: line {number} is broken ({e.Message.TrimEnd('.')}); move the file away.", e);
        }

        throw new BipeException($"'{path}' is no results file of version {CurrentVersion}: line {number} is neither an evaluation nor a part of one; move the file away.");
    }

    private static void RequireColumns(LossShares shares)
    {
        int rows = shares.Block.Count;
        if (shares.Document.Count != rows || shares.Tokens.Count != rows || shares.Loss.Count != rows || (shares.Bytes?.Count ?? rows) != rows)
        {
            throw new JsonException("the columns of 'shares' differ in length");
        }
    }

    private static string? KindOf(JsonElement root)
    {
        bool isCurrent = root.ValueKind == JsonValueKind.Object
            && root.TryGetProperty("version", out JsonElement version)
            && version.ValueKind == JsonValueKind.Number
            && version.TryGetInt32(out int value)
            && value == CurrentVersion;
        return isCurrent && root.TryGetProperty("record", out JsonElement kind) && kind.ValueKind == JsonValueKind.String ? kind.GetString() : null;
    }
}
