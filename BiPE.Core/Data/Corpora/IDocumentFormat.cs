namespace BiPE.Core.Data.Corpora;

/// <summary>
/// A kind of file that holds documents. Faults of the file leave as the exceptions of the streams below
/// (<see cref="IOException"/>, <see cref="InvalidDataException"/>); <see cref="FileCorpus"/> names the file.
/// </summary>
internal interface IDocumentFormat
{
    /// <summary>How names of such files end, in lower case and with the dot.</summary>
    string Extension { get; }

    /// <summary>Reads the documents of the sets that are taken, and counts all others and the broken ones.</summary>
    /// <param name="raw">The file as it lies on the disk, which can seek, or a pipe.</param>
    /// <param name="file">Its path.</param>
    /// <param name="rules">What to read and what to leave out.</param>
    /// <param name="reading">Counts what is left out.</param>
    IEnumerable<Document> Read(Stream raw, string file, ReadingRules rules, CorpusReading reading);
}
