using BiPE.Cli.Console;
using BiPE.Core;
using BiPE.Core.Data;
using BiPE.Core.Data.Corpora;
using BiPE.Core.Evaluation;
using BiPE.Core.Model;
using BiPE.Core.Positions.Segments;
using BiPE.Core.Tokenization;
using BiPE.Core.Training;
using BiPE.Core.Training.Logs;

namespace BiPE.Cli.Commands;

/// <summary>Evaluates a model while it is trained, at the length of its blocks.</summary>
internal sealed class TrainingEvaluation : IDisposable
{
    private readonly string? _path;
    private readonly long _maximumTokens;
    private readonly ICorpus? _text;
    private readonly TokenShard? _shard;
    private readonly List<(string Name, IDocumentSource Documents)> _sets = [];

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

    private TrainingEvaluation(IEnumerable<(string Name, IDocumentSource Documents)> sets, long maximumTokens)
    {
        _maximumTokens = maximumTokens;
        _sets.AddRange(sets);
    }

    /// <summary>Finds the data to evaluate on; null if none was named. Text is not read yet.</summary>
    /// <param name="settings">They name the data.</param>
    /// <exception cref="BipeException">It is not there.</exception>
    public static TrainingEvaluation? Find(TrainingRunSettings settings) =>
        settings.EvaluationData is { } path ? new TrainingEvaluation(path, settings.EvaluationTokens) : null;

    /// <summary>Takes what a run holds out of its data; null if that is nothing.</summary>
    /// <param name="data">The run's data; it must outlive this.</param>
    /// <param name="share">Share that is held out.</param>
    /// <param name="settings">They say how much is evaluated.</param>
    public static TrainingEvaluation? HeldOut(TrainingData data, double share, TrainingRunSettings settings) => share == 0
        ? null
        : new TrainingEvaluation(data.Sources.Select(source => (source.Name, source.ForValidation(share))), settings.EvaluationTokens);

    /// <summary>Reads the text, or makes sure that the shard was made by the tokenizer.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="blockLength">Tokens of a block; the text is needed only up to the end of the last one.</param>
    /// <param name="cancellation">Stops reading.</param>
    /// <exception cref="BipeException">The text cannot be read or is too short, or another tokenizer made the shard.</exception>
    public void Prepare(ITokenizer tokenizer, int blockLength, CancellationToken cancellation)
    {
        long enough = _maximumTokens <= long.MaxValue - blockLength ? _maximumTokens + blockLength : long.MaxValue;
        if (_path is not null)
        {
            _shard?.RequireTokenizer(tokenizer);
            var reading = new CorpusReading();
            _sets.Add((_path, _shard as IDocumentSource ?? DocumentArray.Tokenize(_text!, tokenizer, reading, enough, cancellation)));
            CorpusSelection.ReportBrokenLines(reading);
        }

        foreach ((string name, IDocumentSource documents) in _sets)
        {
            if (documents.TokenCount < 2)
            {
                throw new BipeException($"'{name}' has no text to predict; give more text to {(_path is null ? "--data or hold more out with --hold-out" : "--eval-data")}.");
            }
        }
    }

    /// <summary>Loss and perplexity of the model as it is, of all sets together and of each, split as the model splits it; <see cref="Prepare"/> comes before.</summary>
    /// <param name="model">The model.</param>
    /// <param name="blockLength">Tokens of a block.</param>
    /// <param name="view">Shows the result.</param>
    /// <param name="cancellation">Stops the evaluation.</param>
    public IReadOnlyList<TrainingScalar> Evaluate(LanguageModel model, int blockLength, IProgressView view, CancellationToken cancellation)
    {
        PerplexityResult[] results =
        [
            .. _sets.Select(set => new PerplexityEvaluator(model) { Segmenter = Segmenters.CreateNamed(model.Config, set.Name) }.Evaluate(
                set.Documents, blockLength, new ExactProtocol(), _maximumTokens, cancellation: cancellation)),
        ];
        double loss = results.Sum(result => result.MeanLoss * result.ScoredTokens) / results.Sum(result => result.ScoredTokens);
        view.WriteLine($"evaluation: loss {Quantity.Fixed(loss, 4)}, perplexity {Quantity.Fixed(Math.Exp(loss), 3)}");
        var scalars = new List<TrainingScalar> { new("eval/loss", loss), new("eval/perplexity", Math.Exp(loss)) };
        if (results.Length > 1)
        {
            scalars.AddRange(_sets.Zip(results, (set, result) => new TrainingScalar($"eval/{set.Name}/loss", result.MeanLoss)));
        }

        return scalars;
    }

    public void Dispose() => _shard?.Dispose();
}
