using BiPE.Cli.Console;
using BiPE.Core;
using BiPE.Core.Data;
using BiPE.Core.Data.Corpora;
using BiPE.Core.Evaluation;
using BiPE.Core.Model;
using BiPE.Core.Tokenization;
using BiPE.Core.Training.Logs;

namespace BiPE.Cli.Commands;

/// <summary>Evaluates a model while it is trained, at the length of its blocks.</summary>
internal sealed class TrainingEvaluation : IDisposable
{
    private readonly string _path;
    private readonly long _maximumTokens;
    private readonly ICorpus? _text;
    private readonly TokenShard? _shard;
    private IDocumentSource? _documents;

    private TrainingEvaluation(string path, long maximumTokens)
    {
        _path = path;
        _maximumTokens = maximumTokens;
        if (TokenShard.IsShard(path))
        {
            _shard = TokenShard.Open(path);
        }
        else
        {
            _text = CorpusReader.Open(path);
        }
    }

    /// <summary>Finds the data to evaluate on; null if none was named. Text is not read yet.</summary>
    /// <param name="settings">They name the data.</param>
    /// <exception cref="BipeException">It is not there.</exception>
    public static TrainingEvaluation? Find(TrainingRunSettings settings) =>
        settings.EvaluationData is { } path ? new TrainingEvaluation(path, settings.EvaluationTokens) : null;

    /// <summary>Reads the text, or makes sure that the shard was made by the tokenizer.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="BipeException">The text cannot be read or is too short, or another tokenizer made the shard.</exception>
    public void Prepare(ITokenizer tokenizer, CancellationToken cancellation)
    {
        _shard?.RequireTokenizer(tokenizer);
        var reading = new CorpusReading();
        _documents = _shard as IDocumentSource
            ?? DocumentArray.Tokenize(_text!, tokenizer, reading, _maximumTokens, cancellation);
        CorpusSelection.ReportBrokenLines(reading);
        if (_documents.TokenCount < 2)
        {
            throw new BipeException($"'{_path}' has no text to predict; give more text to --eval-data.");
        }
    }

    /// <summary>Loss and perplexity of the model as it is; <see cref="Prepare"/> comes before.</summary>
    /// <param name="model">The model.</param>
    /// <param name="blockLength">Tokens of a block.</param>
    /// <param name="view">Shows the result.</param>
    /// <param name="cancellation">Stops the evaluation.</param>
    public IReadOnlyList<TrainingScalar> Evaluate(LanguageModel model, int blockLength, IProgressView view, CancellationToken cancellation)
    {
        PerplexityResult result = new PerplexityEvaluator(model).Evaluate(
            _documents!, blockLength, new ExactProtocol(), _maximumTokens, cancellation: cancellation);
        view.WriteLine($"evaluation: loss {Quantity.Fixed(result.MeanLoss, 4)}, perplexity {Quantity.Fixed(result.Perplexity, 3)}");
        return [new TrainingScalar("eval/loss", result.MeanLoss), new TrainingScalar("eval/perplexity", result.Perplexity)];
    }

    public void Dispose() => _shard?.Dispose();
}
