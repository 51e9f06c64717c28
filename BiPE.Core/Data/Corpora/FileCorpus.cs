using System.Text;
using BiPE.Core.Checkpoints;
using ZstdSharp;

namespace BiPE.Core.Data.Corpora;

/// <summary>The documents of one or more files, file after file.</summary>
internal sealed class FileCorpus : ICorpus
{
    private const int SetsTold = 40;

    private readonly IReadOnlyList<(FileInfo File, IDocumentFormat Format)> _files;
    private readonly ReadingRules _rules;
    private readonly DocumentFilter _filter;

    public FileCorpus(string name, IReadOnlyList<(FileInfo File, IDocumentFormat Format)> files, CorpusOptions options)
    {
        Name = name;
        _files = files;
        _rules = ReadingRules.Of(options);
        _filter = new DocumentFilter(options);
    }

    public string Name { get; }

    public IEnumerable<Document> Read(CorpusReading reading, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(reading);
        reading.Begin(_files.Sum(entry => LengthOf(entry.File)));
        foreach (var (file, format) in _files)
        {
            using CountingStream raw = Open(file.FullName, reading, cancellation);
            using IEnumerator<Document> documents = format.Read(raw, file.FullName, _rules, reading).GetEnumerator();
            while (MoveNext(documents, file.FullName))
            {
                cancellation.ThrowIfCancellationRequested();
                Document document = documents.Current;
                if (_filter.Refuse(document.Text) is { } reason)
                {
                    reading.CountLeftOut(document.SetName, reason);
                }
                else
                {
                    reading.CountTaken(document.SetName);
                    yield return document;
                }
            }

            raw.CountRest();
        }

        if (reading.Documents == 0)
        {
            throw new BipeException(DescribeEmpty(reading));
        }
    }

    private static long LengthOf(FileInfo file)
    {
        try
        {
            return FileLength.Of(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BipeException($"Cannot read '{file.FullName}': {e.Message}", e);
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
        if (reading.LeftOut.Count > 0)
        {
            string found = string.Join(", ", reading.LeftOut.Select(entry => $"{entry.Value:N0} {Describe(entry.Key)}"));
            message.Append($" that the filters take: {reading.LeftOut.Values.Sum():N0} were read, {found}");
            if (reading.LeftOut.ContainsKey(LeftOutReason.Set))
            {
                message.Append($"; the sets are {DescribeSets(reading)}");
            }

            message.Append(". Widen the filters");
        }
        else if (reading.BrokenLines > 0)
        {
            string unit = reading.FirstBrokenLines[0].IsRow ? "rows" : "lines";
            message.Append($": all of its {reading.BrokenLines:N0} {unit} are broken, first {reading.FirstBrokenLines[0]}. ");
            message.Append($"Records have their text in the field '{_rules.Fields.Text}'; --text-field names another");
        }
        else
        {
            message.Append("; it is empty");
        }

        return message.Append('.').ToString();
    }

    private string Describe(LeftOutReason reason) => reason == LeftOutReason.Set ? $"of other sets than {_rules.Sets}" : _filter.Describe(reason);

    private static string DescribeSets(CorpusReading reading)
    {
        string names = string.Join(", ", reading.SetsSeen.Keys.Take(SetsTold).Select(name => $"'{name}'"));
        return reading.SetsSeen.Count > SetsTold ? $"{names} and {reading.SetsSeen.Count - SetsTold:N0} more" : names;
    }
}
