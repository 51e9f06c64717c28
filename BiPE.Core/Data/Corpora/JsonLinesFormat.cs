namespace BiPE.Core.Data.Corpora;

/// <summary>Records, one a line: <c>{"text": "...", "meta": {"pile_set_name": "..."}}</c>. Blank lines are passed over.</summary>
internal class JsonLinesFormat : IDocumentFormat
{
    public virtual string Extension => ".jsonl";

    /// <summary>Whether a whole file can have no bytes.</summary>
    protected virtual bool MayBeEmpty => true;

    public IEnumerable<Document> Read(Stream raw, string file, ReadingRules rules, CorpusReading reading)
    {
        var whole = new RewoundStream(raw, GitLfsPointer.StartLength);
        GitLfsPointer.Refuse(file, whole.Start);
        if (whole.Start.IsEmpty && !MayBeEmpty)
        {
            throw new InvalidDataException("it is empty");
        }

        using Stream content = Decompress(whole);
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
                : JsonRecord.Parse(lines.Line, rules.Fields, rules.Sets, out text, out setName);
            if (fault is not null)
            {
                rules.Report(new BrokenLine(file, lines.Number, fault), reading);
            }
            else if (text is null)
            {
                reading.CountLeftOut(setName, LeftOutReason.Set);
            }
            else
            {
                yield return new Document(text, setName, file, lines.Number);
            }
        }
    }

    /// <summary>The plain text of the file; disposing it may leave <paramref name="raw"/> open.</summary>
    protected virtual Stream Decompress(Stream raw) => raw;
}
