using System.CommandLine;
using BiPE.Cli.Console;
using BiPE.Core.Data;
using BiPE.Core.Tokenization;

namespace BiPE.Cli.Commands;

/// <summary><c>bipe data inspect</c>.</summary>
internal sealed class DataInspectCommand : BipeCommand
{
    private const long DefaultFirst = 32;

    private readonly TokenizerOption _tokenizer;
    private readonly SeparatorOption _separators;
    private readonly Option<string> _data = new("--data")
    {
        Description = "Folder of the token shard.",
        HelpName = "DIR",
        Required = true,
    };

    private readonly Option<long?> _first = CommonOptions.Integer("--first", $"How many of the first tokens to show. [default: {DefaultFirst}]", 0, 1_000_000);
    private readonly Option<bool> _verify = new("--verify") { Description = "Read every file whole and compare it with its hash." };
    private readonly Option<string?> _json = CommonOptions.Json();

    public DataInspectCommand()
        : base(
            "inspect",
            "Shows what a token shard holds: counts, lengths of documents and of segments, its first tokens.",
            "bipe data inspect --data tokens",
            "bipe data inspect --data tokens --tokenizer tokenizer.model --separators sentence --verify",
            "bipe data inspect --data tokens --separators 10,46 --json")
    {
        Options.Add(_data);
        _tokenizer = new TokenizerOption(this, isRequired: false);
        _separators = new SeparatorOption(this, "sentence if the tokenizer is known, else reference");
        Options.Add(_first);
        Options.Add(_verify);
        Options.Add(_json);
    }

    protected override int Execute(ParseResult parsed, CancellationToken cancellation)
    {
        string? json = parsed.GetValue(_json);
        JsonResult.RequireWritable(json);
        using TokenShard shard = TokenShard.Open(parsed.GetRequiredValue(_data));
        ITokenizer? tokenizer = OpenTokenizer(parsed, shard);
        IReadOnlyList<int> separators = _separators.Resolve(parsed, tokenizer);
        if (parsed.GetValue(_verify))
        {
            shard.Verify(cancellation);
        }

        CorpusStatistics statistics = CorpusStatistics.Compute(shard, separators, cancellation);
        var first = new int[(int)Math.Min(parsed.GetValue(_first) ?? DefaultFirst, shard.TokenCount)];
        shard.Read(0, first);
        var report = new ShardReport(
            shard.Index,
            statistics.BytesPerToken,
            LengthReport.Of(statistics.DocumentLengths),
            separators,
            LengthReport.Of(statistics.SegmentLengths),
            first,
            tokenizer is null ? null : [.. first.Select(tokenizer.Piece)],
            tokenizer?.Decode(first));
        if (json != JsonResult.StandardOutput)
        {
            Write(report);
        }

        if (json is not null)
        {
            JsonResult.Write(json, report);
        }

        return 0;
    }

    /// <summary>The one given; without one, the built-in tokenizer of bytes if it made the shard.</summary>
    private ITokenizer? OpenTokenizer(ParseResult parsed, TokenShard shard)
    {
        ITokenizer? tokenizer = _tokenizer.Open(parsed);
        if (tokenizer is not null)
        {
            shard.RequireTokenizer(tokenizer);
            return tokenizer;
        }

        var bytes = new ByteTokenizer();
        return shard.Index.TokenizerFingerprint == bytes.Fingerprint ? bytes : null;
    }

    private static void Write(ShardReport report)
    {
        TokenShardIndex index = report.Index;
        Terminal.WriteResult($"{Quantity.Whole(index.TokenCount)} tokens of the {index.TokenizerKind} tokenizer ({Quantity.Whole(index.VocabularySize)} ids, {index.ElementBytes} bytes each)");
        Terminal.WriteResult($"{Quantity.Whole(index.TextBytes)} bytes of text, {Quantity.Fixed(report.BytesPerToken, 3)} a token; broken lines skipped: {Quantity.Whole(index.BrokenLines)}");
        var sets = new ResultTable("set", "documents", "tokens", "bytes of text");
        foreach ((string name, TokenSetCounts counts) in index.Sets)
        {
            sets.AddRow(name, Quantity.Whole(counts.Documents), Quantity.Whole(counts.Tokens), Quantity.Whole(counts.TextBytes));
        }

        sets.Write();
        var lengths = new ResultTable("tokens of", "count", "mean", "shortest", "median", "95%", "longest");
        AddLengths(lengths, "documents", report.Documents);
        AddLengths(lengths, $"segments (separators {string.Join(", ", report.Separators)})", report.Segments);
        lengths.Write();
        if (report.FirstTokens.Count > 0)
        {
            Terminal.WriteResult($"First tokens: {string.Join(" ", report.FirstTokens)}");
        }

        if (report.FirstPieces is { Count: > 0 } pieces)
        {
            Terminal.WriteResult($"First pieces: {Terminal.OneLine(string.Join(" ", pieces))}");
        }
    }

    private static void AddLengths(ResultTable table, string name, LengthReport lengths) => table.AddRow(
        name,
        Quantity.Whole(lengths.Count),
        Quantity.Fixed(lengths.Mean, 1),
        Quantity.Whole(lengths.Shortest),
        Quantity.Whole(lengths.Median),
        Quantity.Whole(lengths.Percentile95),
        Quantity.Whole(lengths.Longest));
}
