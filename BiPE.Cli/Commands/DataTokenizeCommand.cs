using System.CommandLine;
using System.Diagnostics;
using BiPE.Cli.Console;
using BiPE.Core;
using BiPE.Core.Data;
using BiPE.Core.Data.Corpora;
using BiPE.Core.Tokenization;

namespace BiPE.Cli.Commands;

/// <summary><c>bipe data tokenize</c>.</summary>
internal sealed class DataTokenizeCommand : BipeCommand
{
    private readonly CorpusSelection _corpus;
    private readonly TokenizerOption _tokenizer;
    private readonly Option<string> _output = new("--output")
    {
        Description = "Folder of the token shard; a shard in it is replaced.",
        HelpName = "DIR",
        Required = true,
    };

    private readonly Option<long?> _threads = CommonOptions.Integer("--threads", "Threads that tokenize, beside one that reads and one that writes; the files are the same with any number. [default: one a core]", 1, 1024);
    private readonly Option<long?> _shardSize = CommonOptions.Size("--shard-size", "Size at which a file of token ids ends and the next begins; interrupted work goes on behind the last whole file. [default: 1GiB]");
    private readonly Option<string?> _json = CommonOptions.Json();

    public DataTokenizeCommand()
        : base(
            "tokenize",
            "Turns text into a token shard, a folder that training and evaluation map into memory.",
            "bipe data tokenize --data corpus.jsonl.zst --tokenizer bytes --output tokens",
            "bipe data tokenize --data pile/ --set pg19 arxiv --tokenizer tokenizer.model --output tokens/long --broken-lines refuse",
            "bipe data tokenize --data pile/train --tokenizer tokenizer.model --output tokens/train --threads 16 --shard-size 4GiB",
            "bipe data tokenize --data c4/en.parquet --text-field content --set-field source --min-length 200 --tokenizer bytes --output tokens/c4",
            "bipe data tokenize --data books.jsonl.gz --split train --split-shares 0.9,0.05,0.05 --tokenizer bytes --output tokens/train",
            "bipe data tokenize --dotnet-docs --tokenizer bytes --output tokens/dotnet")
    {
        _corpus = new CorpusSelection(this, $"Text: files {CorpusSelection.Kinds} (a record a line or a row; .txt: one document), or folders of them or of save_to_disk.");
        _tokenizer = new TokenizerOption(this, isRequired: true);
        Options.Add(_output);
        Options.Add(_threads);
        Options.Add(_shardSize);
        Options.Add(_json);
    }

    protected override int Execute(ParseResult parsed, CancellationToken cancellation)
    {
        string? json = parsed.GetValue(_json);
        string output = parsed.GetRequiredValue(_output);
        JsonResult.RequireWritable(json);
        ITokenizer tokenizer = _tokenizer.Open(parsed)!;
        ICorpus corpus = _corpus.Open(parsed);
        var options = new TokenizeOptions
        {
            Workers = (int)(parsed.GetValue(_threads) ?? Environment.ProcessorCount),
            PartBytes = parsed.GetValue(_shardSize) ?? TokenizeOptions.DefaultPartBytes,
        };
        var reading = new CorpusReading();
        DescribeUnfinished(output, "Going on behind", "they are read again, but not tokenized again");
        var watch = Stopwatch.StartNew();
        TokenShardIndex index;
        try
        {
            index = ProgressDisplay.Run("tokenizing", view =>
            {
                var rate = new TokenizeRate(TimeProvider.System);
                var progress = new RelayProgress<TokenizeProgress>(state => view.Report(rate.Describe(state)));
                return TokenShardWriter.Write(corpus, tokenizer, output, reading, progress, options, cancellation);
            });
        }
        catch (Exception e) when (e is BipeException or OperationCanceledException)
        {
            DescribeUnfinished(output, "Kept", "the same command goes on behind them");
            throw;
        }

        CorpusSelection.ReportBrokenLines(reading);
        if (json != JsonResult.StandardOutput)
        {
            WriteSummary(index, output, watch.Elapsed);
        }

        if (json is not null)
        {
            JsonResult.Write(json, new { Output = output, watch.Elapsed.TotalSeconds, Index = index, BrokenLines = reading.FirstBrokenLines });
        }

        return 0;
    }

    private static void DescribeUnfinished(string output, string verb, string consequence)
    {
        if (TokenShardWriter.FindUnfinished(output) is not { } unfinished)
        {
            return;
        }

        try
        {
            using TokenShard shard = TokenShard.Open(unfinished);
            Terminal.Note(
                $"{verb} {Quantity.Whole(shard.DocumentCount)} documents, {Quantity.Whole(shard.TokenCount)} tokens, "
                + $"in {Quantity.Whole(shard.Index.Parts.Count)} whole files in {unfinished}: {consequence}.");
        }
        catch (BipeException)
        {
            // The writer mends it or says what is wrong with it.
        }
    }

    private static void WriteSummary(TokenShardIndex index, string output, TimeSpan elapsed)
    {
        var table = new ResultTable("set", "documents", "tokens", "bytes of text", "bytes a token");
        foreach ((string set, TokenSetCounts counts) in index.Sets)
        {
            table.AddRow(set, Quantity.Whole(counts.Documents), Quantity.Whole(counts.Tokens), Quantity.Whole(counts.TextBytes), PerToken(counts.TextBytes, counts.Tokens));
        }

        if (index.Sets.Count > 1)
        {
            table.AddRow("all", Quantity.Whole(index.DocumentCount), Quantity.Whole(index.TokenCount), Quantity.Whole(index.TextBytes), PerToken(index.TextBytes, index.TokenCount));
        }

        table.Write();
        Terminal.WriteResult($"Wrote {output} in {Quantity.Duration(elapsed)}; look into it with 'bipe data inspect --data {output}'.");
    }

    private static string PerToken(long bytes, long tokens) => Quantity.Fixed((double)bytes / tokens, 3);
}
