using System.Buffers;
using System.Text.Json;
using BiPE.Core.Checkpoints;

namespace BiPE.Core.Training.Logs;

/// <summary>
/// A log of one JSON object a line: <c>{"step":1,"tokens":2048,"train/loss":10.4}</c>. A number that JSON does not have is a
/// string: <c>"NaN"</c>, <c>"Infinity"</c>, <c>"-Infinity"</c>. Every line is handed to the operating system at once; a last line that a
/// crash cut short is removed at the next opening.
/// </summary>
public sealed class JsonLinesLog : ITrainingLog
{
    private readonly string _path;
    private readonly FileStream _stream;
    private readonly ArrayBufferWriter<byte> _line = new();

    private JsonLinesLog(string path, FileStream stream)
    {
        _path = path;
        _stream = stream;
    }

    /// <summary>Opens a log to append to.</summary>
    /// <param name="path">The file; made with its folder if missing.</param>
    /// <param name="resumedStep">Lines of later steps are dropped, because they will be made again; null keeps all.</param>
    /// <exception cref="BipeException">The file cannot be opened, or holds something else than a log.</exception>
    public static JsonLinesLog Open(string path, long? resumedStep = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            if (File.Exists(path))
            {
                Clean(path, resumedStep ?? long.MaxValue);
            }

            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return new JsonLinesLog(path, new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot open the training log '{path}': {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public void Write(TrainingLogEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        _line.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_line))
        {
            json.WriteStartObject();
            json.WriteNumber("step", entry.Step);
            json.WriteNumber("tokens", entry.Tokens);
            foreach (var scalar in entry.Scalars)
            {
                if (double.IsFinite(scalar.Value))
                {
                    json.WriteNumber(scalar.Tag, scalar.Value);
                }
                else
                {
                    json.WriteString(scalar.Tag, double.IsNaN(scalar.Value) ? "NaN" : scalar.Value > 0 ? "Infinity" : "-Infinity");
                }
            }

            json.WriteEndObject();
        }

        _line.Write("\n"u8);
        try
        {
            _stream.Write(_line.WrittenSpan);
            _stream.Flush();
        }
        catch (IOException e)
        {
            throw new BipeException($"Cannot write the training log '{_path}': {e.Message} Check the free space.", e);
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _stream.Dispose();

    private static void Clean(string path, long lastStep)
    {
        byte[] content = File.ReadAllBytes(path);
        int end = Array.LastIndexOf(content, (byte)'\n') + 1;
        var kept = new ArrayBufferWriter<byte>(Math.Max(1, end));
        int number = 0;
        for (int start = 0; start < end;)
        {
            int length = content.AsSpan(start).IndexOf((byte)'\n') + 1;
            number++;
            if (StepOf(path, number, content.AsMemory(start, length)) <= lastStep)
            {
                kept.Write(content.AsSpan(start, length));
            }

            start += length;
        }

        if (kept.WrittenCount < content.Length)
        {
            AtomicFile.Write(path, stream => stream.Write(kept.WrittenSpan));
        }
    }

    private static long StepOf(string path, int number, ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("step", out var step)
                && step.ValueKind == JsonValueKind.Number
                && step.TryGetInt64(out long value))
            {
                return value;
            }
        }
        catch (JsonException)
        {
            // Told below, with the line's number.
        }

        throw new BipeException($"'{path}' is no training log: line {number} is not a JSON object with a step; move the file away.");
    }
}
