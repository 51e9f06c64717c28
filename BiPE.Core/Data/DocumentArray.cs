using BiPE.Core.Tokenization;
using BiPE.Core.Data.Corpora;

namespace BiPE.Core.Data;

/// <summary>Tokens of documents in memory.</summary>
public sealed class DocumentArray : IDocumentSource
{
    private readonly int[] _tokens;
    private readonly int[] _starts;

    /// <summary>Takes tokens over.</summary>
    /// <param name="tokens">Token ids of all documents, joined.</param>
    /// <param name="starts">First token of each document, ascending from 0.</param>
    /// <exception cref="ArgumentException">The starts do not ascend inside the tokens.</exception>
    public DocumentArray(int[] tokens, int[] starts)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(starts);
        int previous = 0;
        for (int i = 0; i < starts.Length; i++)
        {
            if (starts[i] < previous || starts[i] > tokens.Length || (i == 0 && starts[0] != 0))
            {
                throw new ArgumentException($"Document {i} starts at token {starts[i]}, expected ascending starts from 0 to {tokens.Length}.", nameof(starts));
            }

            previous = starts[i];
        }

        _tokens = tokens;
        _starts = starts;
    }

    /// <inheritdoc/>
    public long TokenCount => _tokens.Length;

    /// <inheritdoc/>
    public long DocumentCount => _starts.Length;

    /// <summary>Tokenizes a corpus, each document opened with the begin-of-sentence token.</summary>
    /// <param name="corpus">The text.</param>
    /// <param name="tokenizer">Makes the ids.</param>
    /// <param name="reading">Receives the corpus' counts, or null.</param>
    /// <param name="enoughTokens">Documents after the one that reaches this many tokens are not read.</param>
    /// <param name="cancellation">Stops between documents.</param>
    /// <exception cref="BipeException">The corpus cannot be read, or has more tokens than fit in memory as one array.</exception>
    public static DocumentArray Tokenize(
        ICorpus corpus, ITokenizer tokenizer, CorpusReading? reading = null, long enoughTokens = long.MaxValue, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        ArgumentNullException.ThrowIfNull(tokenizer);
        var tokens = new List<int>();
        var starts = new List<int>();
        foreach (Document document in corpus.Read(reading ?? new CorpusReading(), cancellation))
        {
            if (tokens.Count + (long)document.Text.Length > Array.MaxLength)
            {
                throw new BipeException($"'{corpus.Name}' is too large to be tokenized in memory; make a token shard with 'bipe data tokenize' and give its folder.");
            }

            starts.Add(tokens.Count);
            tokens.Add(tokenizer.BeginOfSentence);
            tokenizer.Encode(document.Text, tokens);
            if (tokens.Count >= enoughTokens)
            {
                break;
            }
        }

        return new DocumentArray([.. tokens], [.. starts]);
    }

    /// <inheritdoc/>
    public long DocumentStart(long document)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(document);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(document, DocumentCount);
        return document == DocumentCount ? _tokens.Length : _starts[document];
    }

    /// <inheritdoc/>
    public void Read(long start, Span<int> destination)
    {
        TokenRange.ThrowIfOutside(start, destination.Length, TokenCount);
        _tokens.AsSpan((int)start, destination.Length).CopyTo(destination);
    }
}
