namespace BiPE.Core.Data.Corpora;

/// <summary>What one pass over a corpus has read so far. A corpus writes it, the caller looks at it between two documents.</summary>
public sealed class CorpusReading
{
    /// <summary>How many broken lines are kept in <see cref="FirstBrokenLines"/>.</summary>
    public const int BrokenLinesKept = 20;

    /// <summary>Name under which <see cref="SetsSeen"/> counts documents that belong to no set.</summary>
    public const string NoSet = "(no set)";

    private readonly SortedDictionary<string, long> _setsSeen = new(StringComparer.Ordinal);
    private readonly List<BrokenLine> _firstBrokenLines = [];
    private readonly SortedDictionary<LeftOutReason, long> _leftOut = [];

    /// <summary>Bytes of the files (as they lie on the disk, compressed or not) read so far.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Bytes of all files of the corpus; <see cref="BytesRead"/> reaches it at the end.</summary>
    public long TotalBytes { get; private set; }

    /// <summary>Documents given so far.</summary>
    public long Documents { get; private set; }

    /// <summary>Number of records seen of each set, whether or not the options take it.</summary>
    public IReadOnlyDictionary<string, long> SetsSeen => _setsSeen;

    /// <summary>Number of documents that were read and not given, by the first reason that was found.</summary>
    public IReadOnlyDictionary<LeftOutReason, long> LeftOut => _leftOut;

    /// <summary>Number of broken lines so far.</summary>
    public long BrokenLines { get; private set; }

    /// <summary>The first <see cref="BrokenLinesKept"/> broken lines.</summary>
    public IReadOnlyList<BrokenLine> FirstBrokenLines => _firstBrokenLines;

    /// <summary>Says how much there is to read.</summary>
    /// <param name="totalBytes">Bytes of all files.</param>
    public void Begin(long totalBytes) => TotalBytes = totalBytes;

    /// <summary>Counts bytes read from a file.</summary>
    /// <param name="count">Bytes since the last call.</param>
    public void CountBytes(long count) => BytesRead += count;

    /// <summary>Counts a document that is given to the caller.</summary>
    /// <param name="setName">Its set, or null.</param>
    public void CountTaken(string? setName)
    {
        CountSet(setName);
        Documents++;
    }

    /// <summary>Counts a document that is not given to the caller.</summary>
    /// <param name="setName">Its set, or null.</param>
    /// <param name="reason">Why not.</param>
    public void CountLeftOut(string? setName, LeftOutReason reason)
    {
        CountSet(setName);
        _leftOut[reason] = _leftOut.GetValueOrDefault(reason) + 1;
    }

    /// <summary>Counts and reports a broken line.</summary>
    /// <param name="line">The line.</param>
    public void Report(BrokenLine line)
    {
        BrokenLines++;
        if (_firstBrokenLines.Count < BrokenLinesKept)
        {
            _firstBrokenLines.Add(line);
        }
    }

    private void CountSet(string? setName)
    {
        string name = setName ?? NoSet;
        _setsSeen[name] = _setsSeen.GetValueOrDefault(name) + 1;
    }
}
