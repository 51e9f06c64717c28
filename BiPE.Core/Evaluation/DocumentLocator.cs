using BiPE.Core.Data;

namespace BiPE.Core.Evaluation;

/// <summary>Finds the document of a token; fast when tokens are asked for in order.</summary>
/// <param name="documents">The documents.</param>
internal sealed class DocumentLocator(IDocumentSource documents)
{
    private long _document;
    private long _start;
    private long _end;

    /// <summary>The document a token belongs to.</summary>
    /// <param name="token">Index of the token, inside the documents.</param>
    public long Find(long token)
    {
        if (token >= _start && token < _end)
        {
            return _document;
        }

        // The last document that starts at or before the token: empty ones share their start with the next.
        long low = 0;
        long high = documents.DocumentCount;
        while (high - low > 1)
        {
            long middle = low + ((high - low) / 2);
            if (documents.DocumentStart(middle) <= token)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        _document = low;
        _start = documents.DocumentStart(low);
        _end = documents.DocumentStart(low + 1);
        return low;
    }
}
