using System.Text.Json;

namespace BiPE.Core.Data.Corpora;

/// <summary>Reads one Pile record from its UTF-8 bytes.</summary>
internal static class PileRecord
{
    /// <summary>Parses a line; returns null, or why it is no record.</summary>
    /// <param name="line">UTF-8 JSON without a byte order mark.</param>
    /// <param name="filter">Which sets to take.</param>
    /// <param name="text">The text, or null if the line is no record or the filter does not take its set.</param>
    /// <param name="setName"><c>meta.pile_set_name</c>, or null if there is none.</param>
    public static string? Parse(ReadOnlySpan<byte> line, SetFilter filter, out string? text, out string? setName)
    {
        text = null;
        setName = null;
        try
        {
            var reader = new Utf8JsonReader(line);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return "not a JSON object";
            }

            // The text comes before the set's name; it is decoded only once the set is known to be taken.
            Utf8JsonReader textReader = default;
            bool hasText = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isText = reader.ValueTextEquals("text"u8);
                bool isMeta = reader.ValueTextEquals("meta"u8);
                reader.Read();
                if (isText)
                {
                    if (reader.TokenType != JsonTokenType.String)
                    {
                        return $"\"text\" is {Describe(reader.TokenType)}, expected a string";
                    }

                    textReader = reader;
                    hasText = true;
                }
                else if (isMeta && reader.TokenType == JsonTokenType.StartObject)
                {
                    setName = ReadSetName(ref reader) ?? setName;
                }
                else
                {
                    reader.Skip();
                }
            }

            // Reading on to the end finds what stands after the object.
            reader.Read();
            if (!hasText)
            {
                return "no \"text\"";
            }

            text = filter.Takes(setName) ? textReader.GetString() : null;
            return null;
        }
        catch (JsonException e)
        {
            return $"not valid JSON at byte {e.BytePositionInLine + 1}";
        }
        catch (InvalidOperationException)
        {
            return "a string has invalid UTF-8 or half of a surrogate pair";
        }
    }

    private static string? ReadSetName(ref Utf8JsonReader reader)
    {
        string? name = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isName = reader.ValueTextEquals("pile_set_name"u8);
            reader.Read();
            if (isName && reader.TokenType == JsonTokenType.String)
            {
                name = reader.GetString();
            }
            else
            {
                reader.Skip();
            }
        }

        return name;
    }

    private static string Describe(JsonTokenType type) => type switch
    {
        JsonTokenType.Null => "null",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a truth value",
        JsonTokenType.StartArray => "an array",
        _ => "an object",
    };
}
