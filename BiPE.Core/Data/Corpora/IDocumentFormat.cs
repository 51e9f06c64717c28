namespace BiPE.Core.Data.Corpora;

/// <summary>
/// A kind of file that holds documents. Faults of the file leave as the exceptions of the streams below
/// (<see cref="IOException"/>, <see cref="InvalidDataException"/>); <see cref="FileCorpus"/> names the file.
/// </summary>
internal interface IDocumentFormat
{
    /// <summary>How names of such files end, in lower case and with the dot.</summary>
    string Extension { get; }

    /// <summary>Reads the documents that the filter takes.</summary>
    /// <param name="raw">The file as it lies on the disk.</param>
    /// <param name="file">Its path.</param>
    /// <param name="filter">Which sets to take.</param>
    /// <param name="brokenLines">What to do with broken lines.</param>
    /// <param name="reading">Counts records and broken lines.</param>
    IEnumerable<Document> Read(Stream raw, string file, SetFilter filter, BrokenLinePolicy brokenLines, CorpusReading reading);
}
