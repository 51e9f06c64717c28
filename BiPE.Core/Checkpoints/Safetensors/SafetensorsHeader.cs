using System.Text;
using System.Text.Json;

namespace BiPE.Core.Checkpoints.Safetensors;

/// <summary>
/// Parses and checks the JSON header of a safetensors file. Anything that the format does not allow is refused, because a
/// file that is wrong in one place cannot be trusted in another; memory use is bounded by the size of the header.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The format's own limit on the length of a header, in bytes.</summary>
    public const long MaximumLength = 100_000_000;

    private const string MetadataKey = "__metadata__";

    private readonly string _path;
    private readonly Dictionary<string, SafetensorsEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private SafetensorsHeader(string path) => _path = path;

    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _entries;

    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>Parses <paramref name="json"/>; the tensors must fill <paramref name="dataLength"/> bytes exactly.</summary>
    public static SafetensorsHeader Parse(string path, ReadOnlySpan<byte> json, long dataLength)
    {
        var header = new SafetensorsHeader(path);
        try
        {
            header.ReadAll(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or DecoderFallbackException)
        {
            throw header.Fault($"its header is not valid JSON ({e.Message.TrimEnd('.')})");
        }

        header.CheckLayout(dataLength);
        return header;
    }

    /// <summary>A name from the file as it can stand in a message: short, without control characters.</summary>
    public static string Quote(string? name)
    {
        var text = new StringBuilder("'");
        foreach (char c in (name ?? "").AsSpan(0, Math.Min(name?.Length ?? 0, 120)))
        {
            text.Append(char.IsControl(c) || char.IsSurrogate(c) ? '?' : c);
        }

        return text.Append(name?.Length > 120 ? "...'" : "'").ToString();
    }

    private BipeException Fault(string what) =>
        new($"Safetensors file '{_path}': {what}; the file is damaged or not in this format, so get it again.");

    private void ReadAll(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty || json[0] != (byte)'{')
        {
            throw Fault("its header does not begin with '{'");
        }

        var reader = new Utf8JsonReader(json);
        reader.Read();
        bool hasMetadata = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (name == MetadataKey)
            {
                if (hasMetadata)
                {
                    throw Fault($"its header has '{MetadataKey}' twice");
                }

                hasMetadata = true;
                ReadMetadata(ref reader);
            }
            else if (!_entries.TryAdd(name, ReadEntry(ref reader, name)))
            {
                throw Fault($"its header has the tensor {Quote(name)} twice");
            }
        }

        if (reader.Read())
        {
            throw Fault("something follows the JSON object of its header");
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(reader.TokenType == JsonTokenType.StartObject, MetadataKey, "an object of strings", in reader);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            Expect(reader.TokenType == JsonTokenType.String, $"{MetadataKey}.{key}", "a string", in reader);
            if (!_metadata.TryAdd(key, reader.GetString()!))
            {
                throw Fault($"its '{MetadataKey}' has the key {Quote(key)} twice");
            }
        }
    }

    private SafetensorsEntry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        Expect(reader.TokenType == JsonTokenType.StartObject, name, "an object with dtype, shape and data_offsets", in reader);
        SafetensorsType? type = null;
        long[]? shape = null;
        long[]? offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            switch (key)
            {
                case "dtype" when type is null:
                    type = ReadType(ref reader, name);
                    break;
                case "shape" when shape is null:
                    shape = ReadIntegers(ref reader, $"{name}.shape");
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadIntegers(ref reader, $"{name}.data_offsets");
                    break;
                default:
                    throw Fault($"the tensor {Quote(name)} has the key {Quote(key)}, expected dtype, shape and data_offsets, each once");
            }
        }

        if (type is null || shape is null || offsets is null)
        {
            throw Fault($"the tensor {Quote(name)} lacks one of dtype, shape and data_offsets");
        }

        return MakeEntry(name, type.Value, shape, offsets);
    }

    private SafetensorsEntry MakeEntry(string name, SafetensorsType type, long[] shape, long[] offsets)
    {
        if (offsets.Length != 2 || offsets[0] > offsets[1])
        {
            throw Fault($"the tensor {Quote(name)} has data_offsets [{Join(offsets)}], expected [begin, end] with begin <= end");
        }

        long count = 1;
        long bytes;
        try
        {
            foreach (long extent in shape)
            {
                count = checked(count * extent);
            }

            bytes = checked(count * SafetensorsTypes.SizeOf(type));
        }
        catch (OverflowException)
        {
            throw Fault($"the tensor {Quote(name)} has the shape [{Join(shape)}], which is too large for any memory");
        }

        if (bytes != offsets[1] - offsets[0])
        {
            throw Fault(
                $"the tensor {Quote(name)} of shape [{Join(shape)}] and type {SafetensorsTypes.NameOf(type)} takes {bytes} bytes, " +
                $"but its data_offsets [{Join(offsets)}] hold {offsets[1] - offsets[0]}");
        }

        return new SafetensorsEntry(name, type, shape, count, offsets[0], offsets[1]);
    }

    private SafetensorsType ReadType(ref Utf8JsonReader reader, string name)
    {
        Expect(reader.TokenType == JsonTokenType.String, $"{name}.dtype", "a string", in reader);
        string text = reader.GetString()!;
        return SafetensorsTypes.TryParse(text, out var type)
            ? type
            : throw new BipeException(
                $"Safetensors file '{_path}': the tensor {Quote(name)} has the element type {Quote(text)}, which is not known here; " +
                $"known are {SafetensorsTypes.AllNames}, so convert the file to one of them.");
    }

    private long[] ReadIntegers(ref Utf8JsonReader reader, string what)
    {
        Expect(reader.TokenType == JsonTokenType.StartArray, what, "an array of integers", in reader);
        var values = new List<long>(4);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            long value = 0;
            bool integer = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out value) && value >= 0;
            Expect(integer, what, "integers that are not negative", in reader);
            values.Add(value);
        }

        return [.. values];
    }

    private void CheckLayout(long dataLength)
    {
        long end = 0;
        string previous = "the header";
        foreach (var entry in _entries.Values.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            if (entry.End > dataLength)
            {
                throw Fault($"the tensor {Quote(entry.Name)} ends at byte {entry.End} of the data, but the file has {dataLength}");
            }

            if (entry.Begin != end)
            {
                throw Fault(entry.Begin < end
                    ? $"the tensor {Quote(entry.Name)} overlaps {previous}"
                    : $"{entry.Begin - end} bytes between {previous} and the tensor {Quote(entry.Name)} belong to no tensor");
            }

            end = entry.End;
            previous = Quote(entry.Name);
        }

        if (end != dataLength)
        {
            throw Fault($"the last {dataLength - end} bytes belong to no tensor");
        }
    }

    private void Expect(bool condition, string what, string wanted, in Utf8JsonReader reader)
    {
        if (!condition)
        {
            throw Fault($"{Quote(what)} in its header holds {Describe(in reader)}, expected {wanted}");
        }
    }

    private static string Describe(in Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        _ => Quote(Encoding.UTF8.GetString(reader.ValueSpan)),
    };

    private static string Join(long[] values) =>
        values.Length <= 8 ? string.Join(", ", values) : string.Join(", ", values.Take(8)) + ", ...";
}
