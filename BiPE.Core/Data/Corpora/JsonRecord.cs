using System.Text.Json;

namespace BiPE.Core.Data.Corpora;

/// <summary>Reads text and set of one record from its UTF-8 JSON.</summary>
internal ref struct JsonRecord
{
    // The reader counts levels and does not recurse, so that a record may be as deep as anyone writes it.
    private const int MaximumDepth = 100_000;

    private readonly RecordFields _fields;
    private Utf8JsonReader _reader;

    // The text often comes before the set's name; it is decoded only once the set is known to be taken.
    private Utf8JsonReader _text;
    private bool _hasText;
    private string? _setName;
    private string? _fault;

    private JsonRecord(ReadOnlySpan<byte> line, RecordFields fields)
    {
        _fields = fields;
        _reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = MaximumDepth });
    }

    /// <summary>Parses a line; returns null, or why it is no record.</summary>
    /// <param name="line">UTF-8 JSON without a byte order mark.</param>
    /// <param name="fields">Where text and set stand.</param>
    /// <param name="filter">Which sets to take.</param>
    /// <param name="text">The text, or null if the line is no record or the filter does not take its set.</param>
    /// <param name="setName">The set, or null if the record names none.</param>
    public static string? Parse(ReadOnlySpan<byte> line, RecordFields fields, SetFilter filter, out string? text, out string? setName)
    {
        text = null;
        setName = null;
        var record = new JsonRecord(line, fields);
        try
        {
            if (record.Read() is { } fault)
            {
                return fault;
            }

            setName = record._setName;
            text = filter.Takes(setName) ? record._text.GetString() : null;
            return null;
        }
        catch (JsonException e)
        {
            return record.IsAtMaximumDepth(line, e.BytePositionInLine ?? 0)
                ? $"nested too deeply, more than {MaximumDepth:N0} levels"
                : $"not valid JSON at byte {e.BytePositionInLine + 1}";
        }
        catch (InvalidOperationException)
        {
            return "a string has invalid UTF-8 or half of a surrogate pair";
        }
    }

    private readonly bool IsAtMaximumDepth(ReadOnlySpan<byte> line, long position) =>
        _reader.CurrentDepth >= MaximumDepth - 1 && position < line.Length && line[(int)position] is (byte)'{' or (byte)'[';

    private string? Read()
    {
        _reader.Read();
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            return "not a JSON object";
        }

        ReadObject(0, 0);

        // Reading on to the end finds what stands after the object.
        _reader.Read();
        return _fault ?? (_hasText ? null : $"no \"{_fields.Text}\"");
    }

    /// <summary>Reads the properties of an object.</summary>
    /// <param name="textDepth">How many names of the text's path lead here; negative if they lead elsewhere.</param>
    /// <param name="setDepth">The same of the set's path.</param>
    private void ReadObject(int textDepth, int setDepth)
    {
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isText = textDepth >= 0 && _reader.ValueTextEquals(_fields.Text.RestBytes(textDepth));
            bool isSet = setDepth >= 0 && _reader.ValueTextEquals(_fields.Set.RestBytes(setDepth));
            int innerText = Inner(_fields.Text, textDepth);
            int innerSet = Inner(_fields.Set, setDepth);
            _reader.Read();
            if (isText)
            {
                TakeText();
            }

            if (isSet && _reader.TokenType == JsonTokenType.String)
            {
                _setName = _reader.GetString();
            }

            if (_reader.TokenType == JsonTokenType.StartObject && (innerText >= 0 || innerSet >= 0))
            {
                ReadObject(innerText, innerSet);
            }
            else
            {
                _reader.Skip();
            }
        }
    }

    private readonly int Inner(FieldPath path, int depth) =>
        depth >= 0 && path.OuterBytes(depth) is { IsEmpty: false } name && _reader.ValueTextEquals(name) ? depth + 1 : -1;

    private void TakeText()
    {
        if (_reader.TokenType == JsonTokenType.String)
        {
            _text = _reader;
            _hasText = true;
        }
        else
        {
            _fault ??= $"\"{_fields.Text}\" is {Describe(_reader.TokenType)}, expected a string";
        }
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
