using System.CommandLine;
using System.Diagnostics;
using BiPE.Cli.Console;
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

    private readonly Option<string?> _json = CommonOptions.Json();

    public DataTokenizeCommand()
        : base(
            "tokenize",
            "Turns text into a token shard, a folder that training and evaluation map into memory.",
            "bipe data tokenize --data corpus.jsonl.zst --tokenizer bytes --output tokens",
            "bipe data tokenize --data pile/ --set pg19 arxiv --tokenizer tokenizer.model --output tokens/long --broken-lines refuse",
            "bipe data tokenize --dotnet-docs --tokenizer bytes --output tokens/dotnet")
    {
        _corpus = new CorpusSelection(this, "Text: files .jsonl, .jsonl.gz, .jsonl.zst (a record {\"text\", \"meta\"} a line) or .txt (one document), or folders of them.");
        _tokenizer = new TokenizerOption(this, isRequired: true);
        Options.Add(_output);
        Options.Add(_json);
    }

    protected override int Execute(ParseResult parsed, CancellationToken cancellation)
    {
        string? json = parsed.GetValue(_json);
        string output = parsed.GetRequiredValue(_output);
        JsonResult.RequireWritable(json);
        ITokenizer tokenizer = _tokenizer.Open(parsed)!;
        ICorpus corpus = _corpus.Open(parsed);
        var reading = new CorpusReading();
        var watch = Stopwatch.StartNew();
        TokenShardIndex index = ProgressDisplay.Run("tokenizing", view =>
        {
            var progress = new RelayProgress<TokenizeProgress>(state => view.Report(Describe(state, watch.Elapsed)));
            return TokenShardWriter.Write(corpus, tokenizer, output, reading, progress, cancellation);
        });
        CorpusSelection.ReportBrokenLines(reading);
        if (json != JsonResult.StandardOutput)
        {
            WriteSummary(index, output, watch.Elapsed, reading.BytesRead);
        }

        if (json is not null)
        {
            JsonResult.Write(json, new { Output = output, watch.Elapsed.TotalSeconds, Index = index, BrokenLines = reading.FirstBrokenLines });
        }

        return 0;
    }

    private static ProgressState Describe(TokenizeProgress state, TimeSpan elapsed)
    {
        string rate = Quantity.Bytes(state.BytesRead / elapsed.TotalSeconds);
        return new ProgressState(
            state.BytesRead, state.TotalBytes, $"{rate}/s, {Quantity.Short(state.Documents)} documents, {Quantity.Short(state.Tokens)} tokens");
    }

    private static void WriteSummary(TokenShardIndex index, string output, TimeSpan elapsed, long bytesRead)
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
        string rate = Quantity.Bytes(bytesRead / elapsed.TotalSeconds);
        Terminal.WriteResult($"Wrote {output} in {Quantity.Duration(elapsed)} ({rate}/s); look into it with 'bipe data inspect --data {output}'.");
    }

    private static string PerToken(long bytes, long tokens) => Quantity.Fixed((double)bytes / tokens, 3);
}
