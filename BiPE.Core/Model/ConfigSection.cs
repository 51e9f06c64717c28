using System.Text.Json;

namespace BiPE.Core.Model;

/// <summary>
/// Typed reading of one JSON object of a configuration; every mistake becomes a <see cref="BipeException"/> that names the
/// file, the key, what was found and what is wanted. A key that holds null counts as absent.
/// </summary>
internal sealed class ConfigSection
{
    private readonly JsonElement _object;
    private readonly string _prefix;

    public ConfigSection(string source, string prefix, JsonElement element)
    {
        Source = source;
        _object = element;
        _prefix = prefix;
    }

    /// <summary>The file, for messages.</summary>
    public string Source { get; }

    public IEnumerable<string> Keys => _object.EnumerateObject().Select(property => property.Name);

    public bool Has(string key) => Find(key) is not null;

    public int RequiredInteger(string key) =>
        Integer(key) ?? throw new BipeException($"{Source}: the key '{_prefix}{key}' is missing, expected an integer.");

    public int? Integer(string key)
    {
        if (Find(key) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number)
            ? number
            : throw Wrong(key, value, "a 32-bit integer");
    }

    /// <summary>An integer, or the first of a list of them.</summary>
    public int? FirstInteger(string key) =>
        Find(key) is { ValueKind: JsonValueKind.Array } && Integers(key) is { Count: > 0 } list ? list[0] : Integer(key);

    public double? Number(string key)
    {
        if (Find(key) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number)
            ? number
            : throw Wrong(key, value, "a number");
    }

    public bool? Truth(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } value => throw Wrong(key, value, "true or false"),
    };

    public string? Text(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        { } value => throw Wrong(key, value, "a string"),
    };

    public IReadOnlyList<int>? Integers(string key) => List(key, "a list of integers",
        (JsonElement item, out int value) => item.TryGetInt32(out value), JsonValueKind.Number);

    public IReadOnlyList<string>? Texts(string key) => List(key, "a list of strings",
        (JsonElement item, out string value) => (value = item.GetString()!) is not null, JsonValueKind.String);

    public ConfigSection? Section(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => new ConfigSection(Source, $"{_prefix}{key}.", value),
        { } value => throw Wrong(key, value, "an object"),
    };

    /// <summary>Refuses keys other than <paramref name="known"/>, for sections that are this library's own.</summary>
    public void AllowOnly(params string[] known)
    {
        foreach (string key in Keys)
        {
            if (!known.Contains(key))
            {
                throw new BipeException($"{Source}: the key '{_prefix}{key}' is not known; {NearestName.Suggest(key, known)}");
            }
        }
    }

    /// <summary>The exception for a key that holds something else than wanted.</summary>
    public BipeException Wrong(string key, string wanted) => Wrong(key, Find(key)!.Value, wanted);

    private BipeException Wrong(string key, JsonElement value, string wanted)
    {
        string raw = value.GetRawText();
        raw = raw.Length > 80 ? raw[..80] + "..." : raw;
        return new BipeException($"{Source}: '{_prefix}{key}' is {raw.ReplaceLineEndings(" ")}, expected {wanted}.");
    }

    private delegate bool TryConvert<T>(JsonElement item, out T value);

    private List<T>? List<T>(string key, string wanted, TryConvert<T> tryConvert, JsonValueKind kind)
    {
        if (Find(key) is not { } list)
        {
            return null;
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            throw Wrong(key, list, wanted);
        }

        var values = new List<T>();
        foreach (var item in list.EnumerateArray())
        {
            values.Add(item.ValueKind == kind && tryConvert(item, out T value) ? value : throw Wrong(key, list, wanted));
        }

        return values;
    }

    private JsonElement? Find(string key) =>
        _object.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
