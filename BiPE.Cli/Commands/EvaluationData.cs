using BiPE.Cli.Console;
using BiPE.Core;
using BiPE.Core.Data;
using BiPE.Core.Data.Corpora;
using BiPE.Core.Evaluation;
using BiPE.Core.Tokenization;

namespace BiPE.Cli.Commands;

/// <summary>One set of text that models are evaluated on: a token shard, or text that each model's own tokenizer turns into tokens once.</summary>
internal sealed class EvaluationData : IDisposable
{
    private readonly TokenShard? _shard;
    private readonly ICorpus? _corpus;
    private readonly long _enoughTokens;
    private readonly Dictionary<string, IDocumentSource> _byTokenizer = [];
    private readonly Dictionary<string, TokenByteCounts> _byteCounts = [];

    /// <summary>Takes a token shard over.</summary>
    /// <param name="name">Name of the set.</param>
    /// <param name="shard">The shard.</param>
    public EvaluationData(string name, TokenShard shard)
    {
        Name = name;
        _shard = shard;
    }

    /// <summary>Takes text.</summary>
    /// <param name="name">Name of the set.</param>
    /// <param name="corpus">The text.</param>
    /// <param name="enoughTokens">Text beyond this many tokens is not needed.</param>
    public EvaluationData(string name, ICorpus corpus, long enoughTokens)
    {
        Name = name;
        _corpus = corpus;
        _enoughTokens = enoughTokens;
    }

    /// <summary>Name of the set.</summary>
    public string Name { get; }

    /// <summary>The tokens for a model, and how many bytes each stands for, null if its tokenizer is not known.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="vocabularySize">Its number of token ids.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="BipeException">Tokenizer, shard and model do not fit each other, or the text cannot be read.</exception>
    public (IDocumentSource Documents, TokenByteCounts? ByteCounts) For(string folder, int vocabularySize, CancellationToken cancellation)
    {
        if (_shard is not null)
        {
            ITokenizer? maker = ModelTokenizer.Find(folder);
            if (maker is not null)
            {
                _shard.RequireTokenizer(maker);
            }

            RequireVocabulary(folder, vocabularySize, "the token shard", _shard.Index.VocabularySize);
            return (_shard, maker is null ? null : ByteCountsOf(maker));
        }

        ITokenizer tokenizer = TokenizerFolder.Open(folder);
        RequireVocabulary(folder, vocabularySize, "its tokenizer", tokenizer.VocabularySize);
        if (!_byTokenizer.TryGetValue(tokenizer.Fingerprint, out IDocumentSource? documents))
        {
            _byTokenizer[tokenizer.Fingerprint] = documents = Tokenize(tokenizer, cancellation);
        }

        return (documents, ByteCountsOf(tokenizer));
    }

    public void Dispose() => _shard?.Dispose();

    private static void RequireVocabulary(string folder, int vocabularySize, string source, int needed)
    {
        if (needed > vocabularySize)
        {
            throw new BipeException($"The model '{folder}' has {vocabularySize} token ids, but {source} has {needed}; they do not belong together.");
        }
    }

    private TokenByteCounts ByteCountsOf(ITokenizer tokenizer)
    {
        if (!_byteCounts.TryGetValue(tokenizer.Fingerprint, out TokenByteCounts? counts))
        {
            _byteCounts[tokenizer.Fingerprint] = counts = new TokenByteCounts(tokenizer);
        }

        return counts;
    }

    private DocumentArray Tokenize(ITokenizer tokenizer, CancellationToken cancellation)
    {
        var reading = new CorpusReading();
        DocumentArray documents = ProgressDisplay.Run(
            "tokenizing", view => DocumentArray.Tokenize(new WatchedCorpus(_corpus!, view), tokenizer, reading, _enoughTokens, cancellation));
        CorpusSelection.ReportBrokenLines(reading);
        return documents;
    }
}
