namespace BiPE.Core.Evaluation;

/// <summary>Tokens of documents, joined, and where each document starts.</summary>
public sealed class DocumentTokens
{
    private readonly int[] _tokens;
    private readonly int[] _starts;

    /// <summary>Takes tokens over.</summary>
    /// <param name="tokens">Token ids of all documents, joined.</param>
    /// <param name="starts">First token of each document, ascending from 0.</param>
    /// <exception cref="ArgumentException">The starts do not ascend inside the tokens.</exception>
    public DocumentTokens(int[] tokens, int[] starts)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(starts);
        for (int i = 0; i < starts.Length; i++)
        {
            if (starts[i] < (i == 0 ? 0 : starts[i - 1]) || starts[i] > tokens.Length || (i == 0 && starts[0] != 0))
            {
                throw new ArgumentException($"Document {i} starts at token {starts[i]}, expected ascending starts from 0 to {tokens.Length}.", nameof(starts));
            }
        }

        _tokens = tokens;
        _starts = starts;
    }

    /// <summary>All tokens.</summary>
    public ReadOnlySpan<int> Tokens => _tokens;

    /// <summary>Number of documents.</summary>
    public int DocumentCount => _starts.Length;

    /// <summary>First token of a document; for the number of documents, the number of tokens.</summary>
    /// <param name="document">Document, from 0.</param>
    public int StartOf(int document) => document == _starts.Length ? _tokens.Length : _starts[document];
}
