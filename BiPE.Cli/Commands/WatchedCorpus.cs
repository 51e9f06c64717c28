using System.Diagnostics;
using BiPE.Cli.Console;
using BiPE.Core.Data.Corpora;

namespace BiPE.Cli.Commands;

/// <summary>Shows how far the reading of a corpus has come.</summary>
internal sealed class WatchedCorpus : ICorpus
{
    private readonly ICorpus _corpus;
    private readonly IProgressView _view;

    public WatchedCorpus(ICorpus corpus, IProgressView view)
    {
        _corpus = corpus;
        _view = view;
    }

    public string Name => _corpus.Name;

    public IEnumerable<Document> Read(CorpusReading reading, CancellationToken cancellation = default)
    {
        var watch = Stopwatch.StartNew();
        foreach (Document document in _corpus.Read(reading, cancellation))
        {
            yield return document;
            string rate = Quantity.Bytes(reading.BytesRead / watch.Elapsed.TotalSeconds);
            _view.Report(new ProgressState(reading.BytesRead, reading.TotalBytes, $"{rate}/s, {Quantity.Short(reading.Documents)} documents"));
        }
    }
}
