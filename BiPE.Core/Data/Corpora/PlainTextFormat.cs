using System.Text;

namespace BiPE.Core.Data.Corpora;

/// <summary>A text file is one document, without a set. A file without any text gives none.</summary>
internal sealed class PlainTextFormat : IDocumentFormat
{
    /// <summary>A document must fit a string, which holds 2^30 characters.</summary>
    private const long MaximumBytes = 1L << 30;

    public string Extension => ".txt";

    public IEnumerable<Document> Read(Stream raw, string file, ReadingRules rules, CorpusReading reading)
    {
        // A pipe has no length.
        if (raw.CanSeek && raw.Length > MaximumBytes)
        {
            throw new BipeException($"'{file}' has {raw.Length:N0} bytes, but a text file is one document and may have {MaximumBytes:N0}; split it, or make it a .jsonl file.");
        }

        string text;
        try
        {
            using var reader = new StreamReader(raw, new UTF8Encoding(false, throwOnInvalidBytes: true));
            text = reader.ReadToEnd();
        }
        catch (DecoderFallbackException e)
        {
            throw new BipeException($"'{file}' is not UTF-8 text; convert it to UTF-8.", e);
        }

        GitLfsPointer.Refuse(file, Encoding.UTF8.GetBytes(text[..Math.Min(text.Length, GitLfsPointer.StartLength)]));
        if (text.Length == 0)
        {
            yield break;
        }

        if (rules.Sets.TakesAll)
        {
            yield return new Document(text, null, file, 1);
        }
        else
        {
            reading.CountLeftOut(null, LeftOutReason.Set);
        }
    }
}
