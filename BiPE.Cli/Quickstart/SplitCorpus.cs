using BiPE.Core.Data.Corpora;

namespace BiPE.Cli.Quickstart;

/// <summary>
/// A twentieth of a corpus, held out, or all the rest. Of many documents it is every twentieth; of fewer than twenty, books for
/// instance, it is the end of each.
/// </summary>
internal sealed class SplitCorpus(ICorpus corpus, bool isHeldOut) : ICorpus
{
    private const int Parts = 20;

    public string Name => corpus.Name;

    public IEnumerable<Document> Read(CorpusReading reading, CancellationToken cancellation = default)
    {
        bool hasMany = corpus.Read(new CorpusReading(), cancellation).Take(Parts).Count() == Parts;
        IEnumerable<Document> documents = corpus.Read(reading, cancellation);
        return hasMany ? documents.Where((_, index) => (index % Parts == Parts - 1) == isHeldOut) : documents.Select(Part);
    }

    /// <summary>The last twentieth of a document, from a line's start on if one begins in its first half, or what is before.</summary>
    private Document Part(Document document)
    {
        string text = document.Text;
        int length = text.Length / Parts;
        int cut = text.Length - length;
        int lineEnd = text.IndexOf('\n', cut, length / 2);
        if (lineEnd >= 0)
        {
            cut = lineEnd + 1;
        }
        else if (length > 0 && char.IsLowSurrogate(text[cut]))
        {
            cut++;
        }

        return document with { Text = isHeldOut ? text[cut..] : text[..cut] };
    }
}
