using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using BiPE.Cli.Console;
using BiPE.Core;
using BiPE.Core.Data;
using BiPE.Core.Data.Corpora;
using BiPE.Core.Tokenization;
using BiPE.Core.Training;

namespace BiPE.Cli.Commands;

/// <summary>What a training learns from, as token shards; text that is none is made one inside the run's folder.</summary>
internal sealed class TrainingDataOptions
{
    private readonly CorpusSelection _corpus;
    private readonly Option<decimal[]> _weights = new("--weights")
    {
        Description = "How often blocks of each corpus are read, in any unit and in the order in which --data names them. [default: as often as each has blocks]",
        HelpName = "X,X,..",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = ParseWeights,
    };

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="resume">The flag with which no data need be named.</param>
    public TrainingDataOptions(Command command, Option<bool> resume)
    {
        _corpus = new CorpusSelection(
            command,
            $"Text ({CorpusSelection.Kinds} files or folders of them), or token shards made by 'bipe data tokenize'; NAME=PATH to mix several corpora.",
            isOptional: result => result.GetValue(resume));
        command.Options.Add(_weights);
        command.Validators.Add(result =>
        {
            if (result.GetValue(resume) && result.GetResult(_weights) is not null)
            {
                result.AddError($"With {resume.Name} the weights are the run's; leave {_weights.Name} out");
            }

            if (result.GetValue(resume) && _corpus.GivenForText(result) is { } given)
            {
                result.AddError($"With {resume.Name} the text is the run's, which is tokens already; leave {given} out");
            }
        });
    }

    /// <summary>Names of the corpora.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <exception cref="BipeException">Some have names and some have none.</exception>
    public IReadOnlyList<string> Names(ParseResult parsed) => [.. Corpora(parsed).Select(corpus => corpus.Name)];

    /// <summary>Opens the data of a new run.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <param name="output">The run's folder.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="cancellation">Stops tokenizing.</param>
    /// <exception cref="BipeException">The text cannot be read, or a shard was made by another tokenizer.</exception>
    public TrainingData OpenNew(ParseResult parsed, string output, ITokenizer tokenizer, CancellationToken cancellation)
    {
        IReadOnlyList<NamedPaths> corpora = Corpora(parsed);
        decimal[]? weights = parsed.GetValue(_weights) is { Length: > 0 } given ? given : null;
        if (weights is not null && weights.Length != corpora.Count)
        {
            throw new BipeException($"--weights has {weights.Length} numbers, --data {corpora.Count} corpora ({string.Join(", ", corpora.Select(corpus => corpus.Name))}); give one for each, and each corpus a name: --data NAME=PATH.");
        }

        foreach (NamedPaths corpus in corpora)
        {
            if (Shard(corpus) is { } shard)
            {
                _corpus.RequireNoFilters(parsed, shard, isBesideText: corpora.Any(other => Shard(other) is null));
            }
            else if (corpora.Count > 1 && (corpus.Name is "." or ".." || corpus.Name.IndexOfAny(Path.GetInvalidFileNameChars()) >= 0))
            {
                throw new BipeException($"The name '{corpus.Name}' cannot be that of a folder, in which the tokens of '{corpus.Paths[0]}' would lie; choose another.");
            }
        }

        (string Name, string Folder)[] shards =
        [
            .. corpora.Select(corpus => (
                corpus.Name,
                Shard(corpus) ?? Tokenize(parsed, corpus, OwnShard(output, corpora.Count > 1 ? corpus.Name : null), tokenizer, cancellation))),
        ];
        return TrainingData.Open(shards, weights, tokenizer);
    }

    /// <summary>Opens the data of a run that goes on: shards that are named, because they were moved, else what the run had.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <param name="output">The run's folder.</param>
    /// <param name="state">Numbers of the checkpoint.</param>
    /// <exception cref="BipeException">The data is not there, or text is named, or a corpus that the run does not have.</exception>
    public TrainingData OpenAgain(ParseResult parsed, string output, TrainingState state)
    {
        IReadOnlyList<TrainingSourceState> sources = state.Sources ?? [new TrainingSourceState("", state.DataPath, null)];
        IReadOnlyList<NamedPaths> named = _corpus.Paths(parsed) is { Count: > 0 } paths ? Moved(paths, sources) ?? Corpora(parsed) : [];
        foreach (NamedPaths corpus in named)
        {
            if (Shard(corpus) is null)
            {
                throw new BipeException($"A run that goes on keeps its tokens, but '{string.Join(", ", corpus.Paths)}' is text; leave --data out, or name the run's token shard if it was moved.");
            }
        }

        if (sources is [var only])
        {
            string shard = named.Count == 1 ? Shard(named[0])! : Known(only.Path, OwnShard(output, null));
            return named.Count <= 1
                ? TrainingData.Open([(only.Name, shard)], weights: null, tokenizer: null)
                : throw new BipeException($"The run learns from one corpus, --data names {named.Count}; name its token shard if it was moved, or leave --data out.");
        }

        if (named.FirstOrDefault(corpus => sources.All(source => source.Name != corpus.Name)) is { } unknown)
        {
            throw new BipeException($"The run has no corpus '{unknown.Name}'; its corpora are {string.Join(", ", sources.Select(source => source.Name))}. Name those that were moved as NAME=PATH, or leave --data out.");
        }

        (string Name, string Folder)[] shards =
        [
            .. sources.Select(source => (
                source.Name,
                named.FirstOrDefault(corpus => corpus.Name == source.Name) is { } moved ? Shard(moved)! : Known(source.Path, OwnShard(output, source.Name)))),
        ];
        decimal[] weights = [.. sources.Select(source => source.Weight).OfType<decimal>()];
        return TrainingData.Open(shards, weights.Length > 0 ? weights : null, tokenizer: null);
    }

    /// <summary>Values that are NAME=PATH of the run's corpora, of which those without a name of their own are called by their paths; null if not all are.</summary>
    private static NamedPaths[]? Moved(IReadOnlyList<string> values, IReadOnlyList<TrainingSourceState> sources)
    {
        NamedPaths?[] moved =
        [
            .. values.Select(value => sources.FirstOrDefault(source => source.Name.Length > 0 && value.StartsWith($"{source.Name}=", StringComparison.Ordinal)) is { } source
                ? new NamedPaths(source.Name, [value[(source.Name.Length + 1)..]])
                : null),
        ];
        return moved.Contains(null) ? null : [.. moved.OfType<NamedPaths>()];
    }

    private static string Known(string path, string own) => TokenShard.IsShard(path) ? path : own;

    private static string OwnShard(string output, string? name) => Path.Combine(output, "tokens", name ?? "");

    /// <summary>The corpus' token shard; null if it is text.</summary>
    private static string? Shard(NamedPaths corpus) => corpus.Paths is [var path] && TokenShard.IsShard(path) ? path : null;

    private static decimal[]? ParseWeights(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        string[] parts = text.Split(',');
        decimal[] weights = new decimal[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!decimal.TryParse(parts[i], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out weights[i]) || weights[i] <= 0)
            {
                result.AddError($"--weights is '{text}', expected positive numbers separated by commas, such as 0.7,0.2,0.1");
                return null;
            }
        }

        return weights;
    }

    /// <summary>The corpora that are named; token shards without names are one each, text without names is one together.</summary>
    private IReadOnlyList<NamedPaths> Corpora(ParseResult parsed)
    {
        IReadOnlyList<string> paths = _corpus.Paths(parsed);
        if (paths.Count == 0)
        {
            return [new NamedPaths(_corpus.Describe(parsed), [])];
        }

        IReadOnlyList<NamedPaths> corpora = paths.Count > 1 && paths.All(TokenShard.IsShard)
            ? [.. paths.Select(path => new NamedPaths(path, [path]))]
            : NamedPaths.Group(paths);
        string[] shards = [.. corpora.Where(corpus => corpus.Paths.Count > 1).SelectMany(corpus => corpus.Paths).Where(TokenShard.IsShard)];
        return shards.Length == 0
            ? corpora
            : throw new BipeException($"'{shards[0]}' is a token shard among other paths of one corpus; give it a name of its own: --data NAME={shards[0]}.");
    }

    private string Tokenize(ParseResult parsed, NamedPaths corpus, string folder, ITokenizer tokenizer, CancellationToken cancellation)
    {
        ICorpus text = _corpus.Open(parsed, corpus.Paths);
        var reading = new CorpusReading();
        ProgressDisplay.Run(
            "tokenizing", view => TokenShardWriter.Write(new WatchedCorpus(text, view), tokenizer, folder, reading, cancellation: cancellation));
        CorpusSelection.ReportBrokenLines(reading);
        return folder;
    }
}
