using System.Text;

namespace BiPE.Core.Data.Corpora;

/// <summary>Decides by its text whether a document is taken.</summary>
internal sealed class DocumentFilter
{
    private readonly long _minimumBytes;
    private readonly long _maximumBytes;
    private readonly DocumentSplit? _split;

    /// <exception cref="BipeException">No length is both long and short enough.</exception>
    public DocumentFilter(CorpusOptions options)
    {
        _minimumBytes = options.MinimumBytes;
        _maximumBytes = options.MaximumBytes;
        _split = options.Split;
        if (_minimumBytes > _maximumBytes)
        {
            throw new BipeException($"No document has at least {_minimumBytes:N0} and at most {_maximumBytes:N0} bytes; make the minimum smaller than the maximum.");
        }
    }

    /// <summary>Why a text is left out; null if it is taken.</summary>
    public LeftOutReason? Refuse(string text)
    {
        if (_minimumBytes > 0 || _maximumBytes < long.MaxValue)
        {
            int bytes = Encoding.UTF8.GetByteCount(text);
            if (bytes < _minimumBytes || bytes > _maximumBytes)
            {
                return bytes < _minimumBytes ? LeftOutReason.TooShort : LeftOutReason.TooLong;
            }
        }

        return _split?.Takes(text) == false ? LeftOutReason.Split : null;
    }

    /// <summary>The filter's words for a reason.</summary>
    public string Describe(LeftOutReason reason) => reason switch
    {
        LeftOutReason.TooShort => $"shorter than {_minimumBytes:N0} bytes",
        LeftOutReason.TooLong => $"longer than {_maximumBytes:N0} bytes",
        _ => $"outside the {_split!.Part.ToString().ToLowerInvariant()} split",
    };
}
