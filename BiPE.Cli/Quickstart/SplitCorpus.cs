using BiPE.Core.Data.Corpora;

namespace BiPE.Cli.Quickstart;

/// <summary>Every twentieth document of a corpus, held out, or all the others.</summary>
internal sealed class SplitCorpus(ICorpus corpus, bool isHeldOut) : ICorpus
{
    private const int Every = 20;

    public string Name => corpus.Name;

    public IEnumerable<Document> Read(CorpusReading reading, CancellationToken cancellation = default) =>
        corpus.Read(reading, cancellation).Where((_, index) => (index % Every == Every - 1) == isHeldOut);
}
