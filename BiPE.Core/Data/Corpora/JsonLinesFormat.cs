namespace BiPE.Core.Data.Corpora;

/// <summary>Pile records, one a line: <c>{"text": "...", "meta": {"pile_set_name": "..."}}</c>. Blank lines are passed over.</summary>
internal class JsonLinesFormat : IDocumentFormat
{
    public virtual string Extension => ".jsonl";

    public IEnumerable<Document> Read(Stream raw, string file, SetFilter filter, BrokenLinePolicy brokenLines, CorpusReading reading)
    {
        using Stream content = Decompress(raw);
        using var lines = new LineReader(content);
        while (lines.Read())
        {
            if (lines.IsBlank)
            {
                continue;
            }

            string? text = null;
            string? setName = null;
            string? fault = lines.IsTooLong
                ? $"longer than {lines.MaximumBytes >> 20} MiB"
                : PileRecord.Parse(lines.Line, filter, out text, out setName);
            if (fault is null)
            {
                reading.CountRecord(setName, text is not null);
                if (text is not null)
                {
                    yield return new Document(text, setName, file, lines.Number);
                }

                continue;
            }

            var broken = new BrokenLine(file, lines.Number, fault);
            reading.Report(broken);
            if (brokenLines == BrokenLinePolicy.Refuse)
            {
                throw new BipeException($"Broken record in {broken}; mend or remove the line, or let broken lines be skipped.");
            }
        }
    }

    /// <summary>The plain text of the file; disposing it may leave <paramref name="raw"/> open.</summary>
    protected virtual Stream Decompress(Stream raw) => raw;
}
