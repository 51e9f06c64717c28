namespace BiPE.Core.Data.Corpora;

/// <summary>A sequence of documents that can be read again and again, each time in the same order.</summary>
public interface ICorpus
{
    /// <summary>What the corpus is, for messages; for instance its path.</summary>
    string Name { get; }

    /// <summary>Reads the documents one by one; only the current one is held in memory.</summary>
    /// <param name="reading">Receives the counts of this pass; use a new one for each pass.</param>
    /// <param name="cancellation">Stops the pass between two records.</param>
    /// <exception cref="BipeException">A file cannot be read or is corrupt, a line is broken and the options refuse it, or there is no document.</exception>
    /// <exception cref="OperationCanceledException">The pass was cancelled.</exception>
    IEnumerable<Document> Read(CorpusReading reading, CancellationToken cancellation = default);

    /// <summary>Reads the documents one by one without looking at the counts.</summary>
    /// <param name="cancellation">Stops the pass between two records.</param>
    /// <exception cref="BipeException">As for the other overload.</exception>
    /// <exception cref="OperationCanceledException">The pass was cancelled.</exception>
    IEnumerable<Document> Read(CancellationToken cancellation = default) => Read(new CorpusReading(), cancellation);
}
