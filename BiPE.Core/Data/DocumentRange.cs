namespace BiPE.Core.Data;

/// <summary>Some neighbouring documents of a source.</summary>
public sealed class DocumentRange : IDocumentSource
{
    private readonly IDocumentSource _source;
    private readonly long _firstDocument;
    private readonly long _firstToken;

    private DocumentRange(IDocumentSource source, long firstDocument, long endDocument)
    {
        _source = source;
        _firstDocument = firstDocument;
        _firstToken = source.DocumentStart(firstDocument);
        DocumentCount = endDocument - firstDocument;
        TokenCount = source.DocumentStart(endDocument) - _firstToken;
    }

    /// <inheritdoc/>
    public long TokenCount { get; }

    /// <inheritdoc/>
    public long DocumentCount { get; }

    /// <summary>Holds the last documents of a source out: as few as have at least a share of its tokens.</summary>
    /// <param name="source">The source.</param>
    /// <param name="share">Share of the tokens, above 0 and below 1.</param>
    /// <returns>The documents to learn from, and those held out.</returns>
    /// <exception cref="BipeException">Nothing would be left to learn from.</exception>
    public static (DocumentRange Training, DocumentRange HeldOut) HoldOut(IDocumentSource source, double share)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(share, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(share, 1);

        // The last document that starts early enough.
        long latest = source.TokenCount - (long)Math.Ceiling(source.TokenCount * share);
        (long low, long high) = (0, Math.Max(0, source.DocumentCount - 1));
        while (low < high)
        {
            long middle = low + ((high - low + 1) / 2);
            (low, high) = source.DocumentStart(middle) <= latest ? (middle, high) : (low, middle - 1);
        }

        return low > 0
            ? (new DocumentRange(source, 0, low), new DocumentRange(source, low, source.DocumentCount))
            : throw new BipeException(FormattableString.Invariant(
                $"Holding out {share} of {source.DocumentCount} documents leaves nothing to learn from; hold out less, or give validation text of its own with --eval-data."));
    }

    /// <inheritdoc/>
    public long DocumentStart(long document)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(document);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(document, DocumentCount);
        return _source.DocumentStart(_firstDocument + document) - _firstToken;
    }

    /// <inheritdoc/>
    public void Read(long start, Span<int> destination)
    {
        TokenRange.ThrowIfOutside(start, destination.Length, TokenCount);
        _source.Read(_firstToken + start, destination);
    }
}
