using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using Parquet;
using Parquet.Schema;
using Parquet.Serialization;
using Field = Apache.Arrow.Field;

namespace BiPE.Core.Tests.Data.Corpora;

/// <summary>A row of the tables that tests write.</summary>
internal sealed record TableRow(string? Text, string? Set);

/// <summary>Tables as files hold them: a number, the text, and the set in the struct <c>meta</c>.</summary>
internal static class Tables
{
    public static byte[] Parquet(params TableRow[][] groups)
    {
        var schema = new ParquetSchema(
            new DataField<int>("id"),
            new DataField<string>("text"),
            new StructField("meta", new DataField<string>("pile_set_name")),
            new ListField("parts", new DataField<string>("element")));
        var bytes = new MemoryStream();
        for (int group = 0; group < groups.Length; group++)
        {
            Dictionary<string, object?>[] rows = [.. groups[group].Select((row, index) => new Dictionary<string, object?>
            {
                ["id"] = index,
                ["text"] = row.Text,
                ["meta"] = new Dictionary<string, object?> { ["pile_set_name"] = row.Set },
                ["parts"] = new List<ReadOnlyMemory<char>?> { "a".AsMemory(), null },
            })];
            ParquetSerializer.SerializeUntypedAsync(rows!, schema, bytes, new ParquetOptions { Append = group > 0 }).GetAwaiter().GetResult();
        }

        return bytes.ToArray();
    }

    /// <summary>A stream of record batches.</summary>
    public static byte[] Arrow(params TableRow[][] batches) => Arrow(ArrowKind.Stream, batches);

    public static byte[] Arrow(ArrowKind kind, params TableRow[][] batches)
    {
        RecordBatch[] records = [.. batches.Select(rows => Batch(kind, rows))];
        var options = new IpcOptions();
        if (kind == ArrowKind.Compressed)
        {
            options.CompressionCodecFactory = new Apache.Arrow.Compression.CompressionCodecFactory();
            options.CompressionCodec = CompressionCodecType.Zstd;
        }

        var bytes = new MemoryStream();
        using ArrowStreamWriter writer = kind == ArrowKind.File
            ? new ArrowFileWriter(bytes, records[0].Schema, leaveOpen: true, options)
            : new ArrowStreamWriter(bytes, records[0].Schema, leaveOpen: true, options);
        foreach (RecordBatch batch in records)
        {
            writer.WriteRecordBatch(batch);
        }

        writer.WriteEnd();
        return bytes.ToArray();
    }

    private static RecordBatch Batch(ArrowKind kind, TableRow[] rows)
    {
        var numbers = new Int32Array.Builder().AppendRange(Enumerable.Range(0, rows.Length)).Build();
        IArrowArray texts = Strings(kind, rows.Select(row => row.Text));
        IArrowArray sets = kind == ArrowKind.Dictionary ? Words(rows) : Strings(kind, rows.Select(row => row.Set));
        var type = new StructType([new Field("pile_set_name", sets.Data.DataType, nullable: true)]);
        var meta = new StructArray(type, rows.Length, [sets], ArrowBuffer.Empty);
        var schema = new Schema(
            [new Field("id", Int32Type.Default, false), new Field("text", texts.Data.DataType, true), new Field("meta", type, true)], null);
        return new RecordBatch(schema, [numbers, texts, meta], rows.Length);
    }

    private static IArrowArray Strings(ArrowKind kind, IEnumerable<string?> values)
    {
        StringArray strings = new StringArray.Builder().AppendRange(values).Build();
        return kind == ArrowKind.LargeStrings ? Large(strings) : strings;
    }

    private static LargeStringArray Large(StringArray strings)
    {
        long[] offsets = [.. strings.ValueOffsets.ToArray().Select(offset => (long)offset)];
        return new LargeStringArray(
            strings.Length, new ArrowBuffer.Builder<long>().AppendRange(offsets).Build(), strings.ValueBuffer, strings.NullBitmapBuffer, strings.NullCount);
    }

    private static DictionaryArray Words(TableRow[] rows)
    {
        string[] words = ["Github", "ArXiv", "Gutenberg (PG-19)"];
        Int8Array indices = rows.Aggregate(
            new Int8Array.Builder(), (builder, row) => row.Set is null ? builder.AppendNull() : builder.Append((sbyte)System.Array.IndexOf(words, row.Set))).Build();
        return new DictionaryArray(
            new DictionaryType(Int8Type.Default, StringType.Default, false), indices, new StringArray.Builder().AppendRange(words).Build());
    }
}
