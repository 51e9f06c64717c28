using System.Text;

namespace BiPE.Core.Data.Corpora;

/// <summary>Tables with a document a row: one column has the text, another may name the set.</summary>
internal abstract class TableFormat : IDocumentFormat
{
    public abstract string Extension { get; }

    public IEnumerable<Document> Read(Stream raw, string file, ReadingRules rules, CorpusReading reading)
    {
        if (!raw.CanSeek)
        {
            throw new BipeException($"'{file}' is a pipe, but a table ({Extension}) must be a file that can be read from any place; write it to a file first.");
        }

        byte[] start = new byte[GitLfsPointer.StartLength];
        GitLfsPointer.Refuse(file, start.AsSpan(0, raw.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)));
        raw.Position = 0;
        long rowsBefore = 0;
        foreach (TableBatch batch in ReadBatches(raw, file, rules.Fields))
        {
            for (int row = 0; row < batch.RowCount; row++)
            {
                long number = rowsBefore + row + 1;
                string? setName = Decode(() => batch.SetName(row));
                if (!rules.Sets.Takes(setName))
                {
                    reading.CountLeftOut(setName, LeftOutReason.Set);
                }
                else if (DecodeText(batch, row, out string? text) is { } fault)
                {
                    rules.Report(new BrokenLine(file, number, fault, IsRow: true), reading);
                }
                else
                {
                    yield return new Document(text!, setName, file, number);
                }
            }

            rowsBefore += batch.RowCount;
        }
    }

    /// <summary>Reads the table piece by piece; only one piece is held in memory.</summary>
    /// <param name="raw">The file.</param>
    /// <param name="file">Its path.</param>
    /// <param name="fields">Names of the columns.</param>
    protected abstract IEnumerable<TableBatch> ReadBatches(Stream raw, string file, RecordFields fields);

    /// <summary>Runs a library's code on the file's bytes: whatever it throws because of them, the file is corrupt.</summary>
    /// <exception cref="InvalidDataException">The bytes are not what they should be.</exception>
    protected static T Decode<T>(Func<T> decode)
    {
        try
        {
            return decode();
        }
        catch (Exception e) when (e is not (BipeException or OperationCanceledException or IOException or UnauthorizedAccessException))
        {
            throw new InvalidDataException($"it does not decode: {FirstLine(e.Message)}", e);
        }
    }

    /// <summary>What to say of a table that lacks a column.</summary>
    /// <param name="file">The table's file.</param>
    /// <param name="path">The column.</param>
    /// <param name="isText">Whether it was to have the text.</param>
    /// <param name="columns">The columns that are there, with their types.</param>
    protected static BipeException MissingColumn(string file, FieldPath path, bool isText, IEnumerable<string> columns) => new(
        $"'{file}' has no column '{path}' of text; its columns are {string.Join(", ", columns)}. Name one that is a string with {(isText ? "--text-field" : "--set-field")}.");

    private static string? DecodeText(TableBatch batch, int row, out string? text)
    {
        text = null;
        try
        {
            text = batch.Text(row);
            return text is null ? "the text is null" : null;
        }
        catch (DecoderFallbackException)
        {
            return "the text is not UTF-8";
        }
        catch (Exception e) when (e is ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            throw new InvalidDataException($"it does not decode: {FirstLine(e.Message)}", e);
        }
    }

    private static string FirstLine(string message) => message.Split('\n')[0].Trim();
}
