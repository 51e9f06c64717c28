using System.Text;
using Apache.Arrow;
using Apache.Arrow.Compression;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;

namespace BiPE.Core.Data.Corpora;

/// <summary>
/// Arrow tables: streams, as Hugging Face's <c>save_to_disk</c> writes them, and files with a footer. One record batch is held
/// in memory at a time.
/// </summary>
internal sealed class ArrowFormat : TableFormat
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    public override string Extension => ".arrow";

    protected override IEnumerable<TableBatch> ReadBatches(Stream raw, string file, RecordFields fields)
    {
        using var stream = new WholeArrowStream(raw);
        using ArrowStreamReader reader = IsFile(raw)
            ? new ArrowFileReader(stream, new BoundedArrowMemory(stream), new CompressionCodecFactory(), leaveOpen: true)
            : new ArrowStreamReader(stream, new BoundedArrowMemory(stream), new CompressionCodecFactory(), leaveOpen: true);
        Schema schema = Decode(() => reader.Schema) ?? throw new InvalidDataException("it has no schema");
        int[] text = Find(schema, fields.Text) ?? throw Missing(fields.Text, isText: true);
        int[]? set = Find(schema, fields.Set) ?? (fields.RequiresSet ? throw Missing(fields.Set, isText: false) : null);
        while (Decode(reader.ReadNextRecordBatch) is { } batch)
        {
            using (batch)
            {
                Func<int, string?> texts = Decode(() => Values(batch, text));
                yield return new TableBatch(batch.Length, texts, set is null ? _ => null : Decode(() => Values(batch, set)));
            }
        }

        if (stream.IsExhausted)
        {
            throw new InvalidDataException("its mark of the end is missing");
        }

        BipeException Missing(FieldPath path, bool isText) => MissingColumn(file, path, isText, Describe(schema.FieldsList, ""));
    }

    private static bool IsFile(Stream raw)
    {
        Span<byte> magic = stackalloc byte[6];
        bool isFile = raw.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length && magic.SequenceEqual("ARROW1"u8);
        raw.Position = 0;
        return isFile;
    }

    /// <summary>The columns, and fields of structs in them, that lead to strings; null if the path leads nowhere.</summary>
    private static int[]? Find(Schema schema, FieldPath path)
    {
        var indices = new List<int>();
        IReadOnlyList<Field> fields = schema.FieldsList;
        for (int depth = 0; depth < path.Names.Count; depth++)
        {
            // A name with the dots in it comes first, as in JSON records.
            if (IndexOf(path.Rest(depth)) is var whole and >= 0)
            {
                return IsText(fields[whole].DataType) ? [.. indices, whole] : null;
            }

            int outer = IndexOf(path.Names[depth]);
            if (outer < 0 || fields[outer].DataType is not StructType inner)
            {
                return null;
            }

            indices.Add(outer);
            fields = inner.Fields;
        }

        return null;

        int IndexOf(string name) => fields.TakeWhile(field => field.Name != name).Count() is var index && index < fields.Count ? index : -1;
    }

    private static bool IsText(IArrowType type) =>
        type is StringType or LargeStringType or StringViewType || (type is DictionaryType dictionary && IsText(dictionary.ValueType));

    private static IEnumerable<string> Describe(IReadOnlyList<Field> fields, string prefix) => fields.SelectMany(field =>
        field.DataType is StructType inner ? Describe(inner.Fields, $"{prefix}{field.Name}.") : [$"'{prefix}{field.Name}' ({(IsText(field.DataType) ? "string" : field.DataType.Name)})"]);

    private static Func<int, string?> Values(RecordBatch batch, int[] path)
    {
        IArrowArray column = batch.Column(path[0]);
        var structs = new List<StructArray>();
        foreach (int index in path.AsSpan(1))
        {
            var outer = (StructArray)column;
            structs.Add(outer);
            column = outer.Fields[index];
        }

        Func<int, string?> values = Values(column);
        return structs.Count == 0 ? values : row => structs.Exists(outer => outer.IsNull(row)) ? null : values(row);
    }

    private static Func<int, string?> Values(IArrowArray column) => column switch
    {
        DictionaryArray dictionary => Values(dictionary),
        LargeBinaryArray large => row => Text(large.GetBytes(row, out bool isNull), isNull),
        BinaryViewArray view => row => Text(view.GetBytes(row, out bool isNull), isNull),
        _ => row => Text(((BinaryArray)column).GetBytes(row, out bool isNull), isNull),
    };

    private static Func<int, string?> Values(DictionaryArray column)
    {
        Func<int, string?> words = Values(column.Dictionary);
        int[] indices = [.. column.EnumeratePhysicalIndices()];
        return row => column.IsNull(row) ? null : words(indices[row]);
    }

    private static string? Text(ReadOnlySpan<byte> bytes, bool isNull) => isNull ? null : StrictUtf8.GetString(bytes);
}
