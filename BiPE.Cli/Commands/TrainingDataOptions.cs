using System.CommandLine;
using System.CommandLine.Parsing;
using BiPE.Cli.Console;
using BiPE.Core;
using BiPE.Core.Data;
using BiPE.Core.Data.Corpora;
using BiPE.Core.Tokenization;
using BiPE.Core.Training;

namespace BiPE.Cli.Commands;

/// <summary>The text that a training learns from, as a token shard; text that is none is made one inside the run's folder.</summary>
internal sealed class TrainingDataOptions
{
    private readonly CorpusSelection _corpus;
    private readonly Option<string?> _evaluation = new("--eval-data")
    {
        Description = "Text or a token shard that --eval-every evaluates on at the training length.",
        HelpName = "PATH",
    };

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="resume">The flag with which no data need be named.</param>
    public TrainingDataOptions(Command command, Option<bool> resume)
    {
        _corpus = new CorpusSelection(
            command, "Text (.jsonl, .jsonl.gz, .jsonl.zst, .txt files or folders of them), or one token shard made by 'bipe data tokenize'.",
            isOptional: result => result.GetValue(resume));
        command.Options.Add(_evaluation);
    }

    /// <summary>Whether the user named text to evaluate on.</summary>
    /// <param name="result">The parsed command.</param>
    public bool HasEvaluation(CommandResult result) => result.GetValue(_evaluation) is not null;

    /// <summary>Opens the data of a new run.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <param name="output">The run's folder.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="cancellation">Stops tokenizing.</param>
    /// <exception cref="BipeException">The text cannot be read, or a shard was made by another tokenizer.</exception>
    public TrainingData OpenNew(ParseResult parsed, string output, ITokenizer tokenizer, CancellationToken cancellation)
    {
        IReadOnlyList<string> paths = _corpus.Paths(parsed);
        string folder = paths.Count == 1 && TokenShard.IsShard(paths[0]) ? paths[0] : Path.Combine(output, "tokens");
        if (paths.Count != 1 || folder != paths[0])
        {
            var reading = new CorpusReading();
            ProgressDisplay.Run(
                "tokenizing",
                view => TokenShardWriter.Write(new WatchedCorpus(_corpus.Open(parsed), view), tokenizer, folder, reading, progress: null, cancellation));
            CorpusSelection.ReportBrokenLines(reading);
        }
        else if (_corpus.Sets(parsed).Count > 0)
        {
            throw new BipeException($"'{folder}' is a token shard, which knows no sets any more; choose the set with 'bipe data tokenize --set', or give --data the text.");
        }

        return TrainingData.Open(folder, tokenizer);
    }

    /// <summary>Opens the data of a run that goes on: what the flags name, else what it had.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <param name="output">The run's folder.</param>
    /// <param name="state">Numbers of the checkpoint.</param>
    /// <exception cref="BipeException">The data is not there.</exception>
    public TrainingData Open(ParseResult parsed, string output, TrainingState state)
    {
        IReadOnlyList<string> paths = _corpus.Paths(parsed);
        string own = Path.Combine(output, "tokens");
        string folder = paths.Count == 1 && TokenShard.IsShard(paths[0]) ? paths[0] : TokenShard.IsShard(own) ? own : state.DataPath;
        return TrainingData.Open(folder, tokenizer: null);
    }

    /// <summary>Opens the text to evaluate on; null if none was named.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="cancellation">Stops tokenizing.</param>
    /// <exception cref="BipeException">The text cannot be read, or a shard was made by another tokenizer.</exception>
    public IDocumentSource? OpenEvaluation(ParseResult parsed, ITokenizer tokenizer, CancellationToken cancellation)
    {
        if (parsed.GetValue(_evaluation) is not { } path)
        {
            return null;
        }

        if (!TokenShard.IsShard(path))
        {
            return DocumentArray.Tokenize(CorpusReader.Open(path), tokenizer, cancellation: cancellation);
        }

        TokenShard shard = TokenShard.Open(path);
        shard.RequireTokenizer(tokenizer);
        return shard;
    }
}
