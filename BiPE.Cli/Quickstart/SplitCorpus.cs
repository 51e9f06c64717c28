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

    /// <summary>The last twentieth of a document from the next line on, or what is before.</summary>
    private Document Part(Document document)
    {
        string text = document.Text;
        int lineEnd = text.IndexOf('\n', text.Length - (text.Length / Parts));
        int cut = lineEnd < 0 ? text.Length - (text.Length / Parts) : lineEnd + 1;
        return document with { Text = isHeldOut ? text[cut..] : text[..cut] };
    }
}
