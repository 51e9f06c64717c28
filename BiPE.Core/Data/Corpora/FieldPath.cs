using System.Text;

namespace BiPE.Core.Data.Corpora;

/// <summary>
/// Where a record has a value: names with dots between them, from the outside in. A record in which a name has the dots itself,
/// as tables that were flattened have, is understood as well.
/// </summary>
internal sealed class FieldPath
{
    private readonly byte[][] _names;
    private readonly byte[][] _rests;

    private FieldPath(string text, string[] names)
    {
        Text = text;
        Names = names;
        _names = [.. names.Select(Encoding.UTF8.GetBytes)];
        _rests = [.. names.Select((_, depth) => Encoding.UTF8.GetBytes(Rest(depth)))];
    }

    /// <summary>The path as it was given.</summary>
    public string Text { get; }

    /// <summary>The names.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Splits a path.</summary>
    /// <exception cref="BipeException">A name is empty.</exception>
    public static FieldPath Parse(string text)
    {
        string[] names = text.Split('.');
        return names.All(name => name.Length > 0)
            ? new FieldPath(text, names)
            : throw new BipeException($"'{text}' names no field of a record; give names with single dots between them, such as 'text' or 'meta.pile_set_name'.");
    }

    /// <summary>The names from a depth on, joined by dots.</summary>
    public string Rest(int depth) => string.Join('.', Names.Skip(depth));

    /// <summary><see cref="Rest"/> in UTF-8.</summary>
    public ReadOnlySpan<byte> RestBytes(int depth) => _rests[depth];

    /// <summary>The name at a depth in UTF-8; empty at the last, which no record leads beyond.</summary>
    public ReadOnlySpan<byte> OuterBytes(int depth) => depth < _names.Length - 1 ? _names[depth] : [];

    public override string ToString() => Text;
}
