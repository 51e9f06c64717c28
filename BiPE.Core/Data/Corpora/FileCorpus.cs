using System.Text;
using ZstdSharp;

namespace BiPE.Core.Data.Corpora;

/// <summary>The documents of one or more files, file after file.</summary>
internal sealed class FileCorpus : ICorpus
{
    private readonly IReadOnlyList<(FileInfo File, IDocumentFormat Format)> _files;
    private readonly SetFilter _filter;
    private readonly BrokenLinePolicy _brokenLines;

    public FileCorpus(string name, IReadOnlyList<(FileInfo File, IDocumentFormat Format)> files, CorpusOptions options)
    {
        Name = name;
        _files = files;
        _filter = new SetFilter(options.Sets);
        _brokenLines = options.BrokenLines;
    }

    public string Name { get; }

    public IEnumerable<Document> Read(CorpusReading reading, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(reading);
        reading.Begin(_files.Sum(entry => entry.File.Length));
        foreach (var (file, format) in _files)
        {
            using Stream raw = Open(file.FullName, reading, cancellation);
            using IEnumerator<Document> documents =
                format.Read(raw, file.FullName, _filter, _brokenLines, reading).GetEnumerator();
            while (MoveNext(documents, file.FullName))
            {
                cancellation.ThrowIfCancellationRequested();
                yield return documents.Current;
            }
        }

        if (reading.Documents == 0)
        {
            throw new BipeException(DescribeEmpty(reading));
        }
    }

    private static CountingStream Open(string file, CorpusReading reading, CancellationToken cancellation)
    {
        try
        {
            var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 17, FileOptions.SequentialScan);
            return new CountingStream(stream, reading, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot read '{file}': {e.Message}", e);
        }
    }

    private static bool MoveNext(IEnumerator<Document> documents, string file)
    {
        try
        {
            return documents.MoveNext();
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or ZstdException)
        {
            throw new BipeException($"'{file}' is corrupt or cut off ({e.Message.TrimEnd('.')}); fetch or compress it again.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot read '{file}': {e.Message}", e);
        }
    }

    private string DescribeEmpty(CorpusReading reading)
    {
        var message = new StringBuilder($"'{Name}' has no documents");
        if (reading.SetsSeen.Count > 0)
        {
            message.Append($" of the set {_filter}; its sets are {string.Join(", ", reading.SetsSeen.Keys.Select(name => $"'{name}'"))}. Name one of them, or none to take all");
        }
        else if (reading.BrokenLines > 0)
        {
            message.Append($": all of its {reading.BrokenLines:N0} lines are broken, first {reading.FirstBrokenLines[0]}. Records are {{\"text\": \"...\"}}, one a line");
        }
        else
        {
            message.Append("; it is empty");
        }

        return message.Append('.').ToString();
    }
}
