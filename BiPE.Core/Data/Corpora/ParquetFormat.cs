using System.Buffers.Binary;
using System.Text;
using Parquet;
using Parquet.Schema;

namespace BiPE.Core.Data.Corpora;

/// <summary>Parquet tables. One row group's text is held in memory at a time; other columns are not read.</summary>
internal sealed class ParquetFormat : TableFormat
{
    private const int MagicLength = 4;
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private static ReadOnlySpan<byte> Magic => "PAR1"u8;

    public override string Extension => ".parquet";

    protected override IEnumerable<TableBatch> ReadBatches(Stream raw, string file, RecordFields fields)
    {
        RequireFrame(raw);
        ParquetReader reader = Decode(() => Wait(ParquetReader.CreateAsync(raw, new ParquetOptions(), leaveStreamOpen: true)));
        try
        {
            DataField[] columns = Decode(() => reader.Schema.DataFields);
            DataField text = Find(columns, fields.Text) ?? throw Missing(columns, fields.Text, isText: true);
            DataField? set = Find(columns, fields.Set) ?? (fields.RequiresSet ? throw Missing(columns, fields.Set, isText: false) : null);
            text = Decode(() => AsBytes(reader, columns, text));
            set = set is null ? null : Decode(() => AsBytes(reader, columns, set));
            int groups = Decode(() => reader.RowGroupCount);
            for (int group = 0; group < groups; group++)
            {
                using ParquetRowGroupReader rows = Decode(() => reader.OpenRowGroupReader(group));
                ReadOnlyMemory<byte>?[] texts = Decode(() => ReadColumn(rows, text));
                ReadOnlyMemory<byte>?[]? sets = set is null ? null : Decode(() => ReadColumn(rows, set));
                yield return new TableBatch(texts.Length, row => Text(texts[row]), row => Text(sets?[row]));
            }
        }
        finally
        {
            Wait(reader.DisposeAsync());
        }

        BipeException Missing(DataField[] columns, FieldPath path, bool isText) =>
            MissingColumn(file, path, isText, columns.Select(field => $"'{Name(field)}' ({TypeName(field)})"));
    }

    /// <summary>Looks at the frame around the data: magic, data, footer, the footer's length in 32 bits, magic.</summary>
    private static void RequireFrame(Stream raw)
    {
        byte[] end = new byte[sizeof(int) + MagicLength];
        bool isWhole = raw.Length >= MagicLength + end.Length
            && ReadAt(raw, 0, MagicLength).AsSpan().SequenceEqual(Magic)
            && (end = ReadAt(raw, raw.Length - end.Length, end.Length)).AsSpan(sizeof(int)).SequenceEqual(Magic);
        long footerLength = BinaryPrimitives.ReadUInt32LittleEndian(end);
        long footerStart = raw.Length - end.Length - footerLength;
        if (!isWhole || footerStart < MagicLength || footerLength > Array.MaxLength
            || !ThriftStructure.Fills(ReadAt(raw, footerStart, (int)footerLength)))
        {
            throw new InvalidDataException("it does not begin and end as Parquet files do");
        }

        raw.Position = 0;
    }

    private static byte[] ReadAt(Stream raw, long position, int length)
    {
        byte[] bytes = new byte[length];
        raw.Position = position;
        raw.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>The column of strings with this name; null if there is none, also for lists.</summary>
    private static DataField? Find(DataField[] columns, FieldPath path) => Array.Find(
        columns, column => column.ClrType == typeof(ReadOnlyMemory<char>) && column.MaxRepetitionLevel == 0 && Name(column) == path.Text);

    /// <summary>
    /// The same column, with values that are bytes: of strings the library gives no bytes, and it makes other characters of those
    /// that are not UTF-8.
    /// </summary>
    private static DataField AsBytes(ParquetReader reader, DataField[] columns, DataField column)
    {
        column.SchemaElement!.ConvertedType = null;
        column.SchemaElement.LogicalType = null;
        return reader.Schema.DataFields[Array.IndexOf(columns, column)];
    }

    private static string? Text(ReadOnlyMemory<byte>? value) => value is { } bytes ? StrictUtf8.GetString(bytes.Span) : null;

    private static string Name(DataField field) => string.Join('.', field.Path.ToList());

    private static string TypeName(DataField field)
    {
        string type = field.ClrType == typeof(ReadOnlyMemory<char>) ? "string" : field.ClrType.Name.ToLowerInvariant();
        return field.MaxRepetitionLevel > 0 ? $"list of {type}" : type;
    }

    /// <summary>The values of a column, null where a row has none, whether or not a struct around it is there.</summary>
    private static ReadOnlyMemory<byte>?[] ReadColumn(ParquetRowGroupReader rows, DataField column)
    {
        var values = new ReadOnlyMemory<byte>[rows.RowCount];
        if (column.MaxDefinitionLevel == 0)
        {
            Wait(rows.ReadRawAsync<ReadOnlyMemory<byte>>(column, values, null, null));
            return [.. values.Select(value => (ReadOnlyMemory<byte>?)value)];
        }

        // The library's own placing of nulls overlooks those of fields inside structs.
        int[] levels = new int[values.Length];
        Wait(rows.ReadRawAsync<ReadOnlyMemory<byte>>(column, values, levels, null));
        int next = 0;
        return [.. levels.Select(level => level == column.MaxDefinitionLevel ? values[next++] : (ReadOnlyMemory<byte>?)null)];
    }

    // The library reads asynchronously alone; the stream answers at once, so nothing is waited for.
    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    private static void Wait(ValueTask task) => task.AsTask().GetAwaiter().GetResult();
}
