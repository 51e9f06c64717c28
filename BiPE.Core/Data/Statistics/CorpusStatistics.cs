namespace BiPE.Core.Data.Statistics;

/// <summary>
/// Counts over a corpus, for each of its sets and for all together: how long documents are, and how separators split them
/// into segments. Only histograms are kept, so memory does not grow with the corpus but for the number of different lengths.
/// </summary>
public sealed class CorpusStatistics
{
    /// <summary>Name of <see cref="All"/>.</summary>
    public const string AllSets = "all";

    private readonly IReadOnlyList<SeparatorSet> _separators;
    private readonly IReadOnlyList<int> _blockSizes;
    private readonly SortedDictionary<string, SetStatistics> _sets = new(StringComparer.Ordinal);

    /// <summary>Prepares counting.</summary>
    /// <param name="separators">Sets of separators.</param>
    /// <param name="blockSizes">Block sizes in tokens, at least 1 each.</param>
    public CorpusStatistics(IReadOnlyList<SeparatorSet> separators, IReadOnlyList<int> blockSizes)
    {
        ArgumentNullException.ThrowIfNull(separators);
        ArgumentNullException.ThrowIfNull(blockSizes);
        _separators = separators;
        _blockSizes = blockSizes;
        All = new SetStatistics(AllSets, separators, blockSizes);
    }

    /// <summary>All documents. Blocks run from set to set as the documents are ordered.</summary>
    public SetStatistics All { get; }

    /// <summary>The sets, ordered by name. Blocks hold documents of one set only.</summary>
    public IReadOnlyCollection<SetStatistics> Sets => _sets.Values;

    /// <summary>Adds a document.</summary>
    /// <param name="set">Its set.</param>
    /// <param name="tokens">Its tokens; at least one.</param>
    /// <param name="textBytes">Bytes of its text in UTF-8, or null if they are not known.</param>
    public void Add(string set, ReadOnlySpan<int> tokens, long? textBytes)
    {
        Append(set, tokens);
        EndDocument(set);
        AddTextBytes(set, textBytes);
    }

    /// <summary>Adds tokens to the open document.</summary>
    /// <param name="set">Its set, the same until <see cref="EndDocument"/>.</param>
    /// <param name="tokens">The next tokens.</param>
    internal void Append(string set, ReadOnlySpan<int> tokens)
    {
        All.Append(tokens);
        SetOf(set).Append(tokens);
    }

    internal void EndDocument(string set)
    {
        All.EndDocument();
        SetOf(set).EndDocument();
    }

    internal void AddTextBytes(string set, long? bytes)
    {
        All.AddTextBytes(bytes);
        SetOf(set).AddTextBytes(bytes);
    }

    private SetStatistics SetOf(string name)
    {
        if (!_sets.TryGetValue(name, out SetStatistics? set))
        {
            _sets[name] = set = new SetStatistics(name, _separators, _blockSizes);
        }

        return set;
    }
}
