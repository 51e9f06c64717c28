namespace BiPE.Core.Data.Corpora;

/// <summary>Pile records in a gzip file of one or more members.</summary>
internal sealed class JsonLinesGzipFormat : JsonLinesFormat
{
    public override string Extension => ".jsonl.gz";

    protected override bool MayBeEmpty => false;

    protected override Stream Decompress(Stream raw) => new WholeGzipStream(raw);
}
