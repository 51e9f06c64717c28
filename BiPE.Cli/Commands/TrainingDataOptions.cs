using System.CommandLine;
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

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="resume">The flag with which no data need be named.</param>
    public TrainingDataOptions(Command command, Option<bool> resume)
    {
        _corpus = new CorpusSelection(
            command, $"Text ({CorpusSelection.Kinds} files or folders of them), or one token shard made by 'bipe data tokenize'.",
            isOptional: result => result.GetValue(resume));
    }

    /// <summary>Opens the data of a new run.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <param name="output">The run's folder.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="cancellation">Stops tokenizing.</param>
    /// <exception cref="BipeException">The text cannot be read, or a shard was made by another tokenizer.</exception>
    public TrainingData OpenNew(ParseResult parsed, string output, ITokenizer tokenizer, CancellationToken cancellation)
    {
        if (NamedShard(parsed) is not { } shard)
        {
            return TrainingData.Open(Tokenize(parsed, OwnShard(output), tokenizer, cancellation), tokenizer);
        }

        _corpus.RequireNoFilters(parsed, shard);
        return TrainingData.Open(shard, tokenizer);
    }

    /// <summary>Opens the data of a run that goes on: a shard that is named, because it was moved, else what the run had.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <param name="output">The run's folder.</param>
    /// <param name="state">Numbers of the checkpoint.</param>
    /// <exception cref="BipeException">The data is not there, or text is named.</exception>
    public TrainingData OpenAgain(ParseResult parsed, string output, TrainingState state)
    {
        string? named = NamedShard(parsed);
        if (named is null && _corpus.Describe(parsed) is { Length: > 0 } text)
        {
            throw new BipeException($"A run that goes on keeps its tokens, but '{text}' is text; leave --data out, or name the run's token shard if it was moved.");
        }

        return TrainingData.Open(named ?? (TokenShard.IsShard(state.DataPath) ? state.DataPath : OwnShard(output)), tokenizer: null);
    }

    private static string OwnShard(string output) => Path.Combine(output, "tokens");

    private string? NamedShard(ParseResult parsed) => _corpus.Paths(parsed) is [var path] && TokenShard.IsShard(path) ? path : null;

    private string Tokenize(ParseResult parsed, string folder, ITokenizer tokenizer, CancellationToken cancellation)
    {
        ICorpus text = _corpus.Open(parsed);
        var reading = new CorpusReading();
        ProgressDisplay.Run(
            "tokenizing", view => TokenShardWriter.Write(new WatchedCorpus(text, view), tokenizer, folder, reading, cancellation: cancellation));
        CorpusSelection.ReportBrokenLines(reading);
        return folder;
    }
}
