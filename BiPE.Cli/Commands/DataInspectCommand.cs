using System.CommandLine;
using BiPE.Cli.Console;
using BiPE.Cli.Inspection;
using BiPE.Core;
using BiPE.Core.Data;
using BiPE.Core.Data.Corpora;
using BiPE.Core.Data.Statistics;
using BiPE.Core.Tokenization;

namespace BiPE.Cli.Commands;

/// <summary><c>bipe data inspect</c>.</summary>
internal sealed class DataInspectCommand : BipeCommand
{
    private const long DefaultFirst = 32;
    private const long DefaultTrainedRange = 1024;
    private const int LongestFileName = 60;
    private static readonly int[] DefaultBlockSizes = [1024, 2048, 4096, 8192];

    private readonly CorpusSelection _corpus;
    private readonly TokenizerOption _tokenizer;
    private readonly SeparatorSetsOption _separators;
    private readonly Option<int[]> _blockSizes = CommonOptions.BlockSizes("Lengths in tokens of the blocks that segments are counted in.", 1, DefaultBlockSizes);
    private readonly Option<long?> _trainedRange = CommonOptions.Integer(
        "--trained-range", $"Rows of the intra-segment table (train_scale): tokens in longer segments are counted. [default: {DefaultTrainedRange}]", 1, int.MaxValue);

    private readonly Option<long?> _maxDocuments = CommonOptions.Integer("--max-documents", "Stop after this many documents.", 1);
    private readonly Option<long?> _maxTokens = CommonOptions.Integer("--max-tokens", "Stop after the document that reaches this many tokens.", 1);
    private readonly Option<long?> _threads = CommonOptions.Integer("--threads", "Threads that tokenize text. [default: one a core]", 1, 1024);
    private readonly Option<long?> _first = CommonOptions.Integer("--first", $"How many of a token shard's first tokens to show. [default: {DefaultFirst}]", 0, 1_000_000);
    private readonly Option<bool> _verify = new("--verify") { Description = "Read every file of a token shard whole and compare it with its hash." };
    private readonly Option<string?> _out = new("--out")
    {
        Description = "Folder for the figures (PNG and SVG) and the report with all histograms (report.json).",
        HelpName = "DIR",
    };

    private readonly Option<string?> _json = CommonOptions.Json();

    public DataInspectCommand()
        : base(
            "inspect",
            "Shows what text or token shards hold: counts, lengths of documents, and the segments that bilevel encoding lives on.",
            "bipe data inspect --data test.jsonl.zst --tokenizer tokenizer.model --out segments",
            "bipe data inspect --data pile/ --tokenizer tokenizer.model --max-tokens 50000000 --separators reference 13,29889",
            "bipe data inspect --data tokens --verify --json")
    {
        _corpus = new CorpusSelection(this, $"Text ({CorpusSelection.Kinds} files or folders of them), or token shards made by 'bipe data tokenize'.");
        _tokenizer = new TokenizerOption(this, isRequired: false);
        _separators = new SeparatorSetsOption(this);
        Options.Add(_blockSizes);
        Options.Add(_trainedRange);
        Options.Add(_maxDocuments);
        Options.Add(_maxTokens);
        Options.Add(_threads);
        Options.Add(_first);
        Options.Add(_verify);
        Options.Add(_out);
        Options.Add(_json);
    }

    protected override int Execute(ParseResult parsed, CancellationToken cancellation)
    {
        string? json = parsed.GetValue(_json);
        JsonResult.RequireWritable(json);
        string? folder = parsed.GetValue(_out);
        if (File.Exists(folder))
        {
            throw new BipeException($"Cannot write into '{folder}': it is a file; give --out the name of a folder.");
        }

        IReadOnlyList<string> paths = _corpus.Paths(parsed);
        string[] shards = [.. paths.Where(TokenShard.IsShard)];
        if (shards.Length > 0 && shards.Length < paths.Count)
        {
            throw new BipeException($"'{shards[0]}' is a token shard and '{paths.Except(shards).First()}' is not; inspect token shards and text one after the other.");
        }

        InspectedData inspected = shards.Length > 0 ? CountShards(parsed, shards, cancellation) : CountText(parsed, cancellation);
        if (folder is not null)
        {
            SaveFigures(parsed, inspected, folder);
            JsonResult.Write(Path.Combine(folder, "report.json"), Report(parsed, inspected, withHistograms: true), isCompact: true);
        }

        if (json != JsonResult.StandardOutput)
        {
            InspectTables.Write(Report(parsed, inspected, withHistograms: false));
        }

        if (json is not null)
        {
            JsonResult.Write(json, Report(parsed, inspected, withHistograms: false));
        }

        return 0;
    }

    private static ProgressState Describe(TokenizeProgress state, CountingOptions options)
    {
        // Whichever limit comes first ends the count.
        double share = Math.Max((double)state.BytesRead / Math.Max(state.TotalBytes, 1), Share(state.Documents, state.Tokens, options));
        return new ProgressState(share, 1, $"{Quantity.Short(state.Documents)} documents, {Quantity.Short(state.Tokens)} tokens");
    }

    private static double Share(long documents, long tokens, CountingOptions options) =>
        Math.Max((double)documents / options.MaximumDocuments, (double)tokens / options.MaximumTokens);

    /// <summary>The sets, and all of them unless there is only one.</summary>
    private static IEnumerable<SetStatistics> Rows(CorpusStatistics statistics) =>
        statistics.Sets.Count > 1 ? [.. statistics.Sets, statistics.All] : statistics.Sets;

    private InspectedData CountText(ParseResult parsed, CancellationToken cancellation)
    {
        ICorpus corpus = _corpus.Open(parsed);
        if (parsed.GetValue(_verify) || parsed.GetValue(_first) is not null)
        {
            throw new BipeException($"'{corpus.Name}' is text, and --verify and --first are for token shards; leave them out, or make a shard with 'bipe data tokenize'.");
        }

        ITokenizer tokenizer = _tokenizer.Open(parsed)
            ?? throw new BipeException($"'{corpus.Name}' is text, which has tokens only with a tokenizer; add --tokenizer with a tokenizer.model, a model's folder, or 'bytes'.");
        CorpusStatistics statistics = NewStatistics(parsed, tokenizer, tokenizer.Kind, tokenizer.VocabularySize, out IReadOnlyList<SeparatorSet> separators);
        CountingOptions options = Limits(parsed);
        var reading = new CorpusReading();
        ProgressDisplay.Run("counting", view =>
        {
            var progress = new RelayProgress<TokenizeProgress>(state => view.Report(Describe(state, options)));
            TextCounter.Count(corpus, tokenizer, statistics, options, reading, progress, cancellation);
            return 0;
        });
        CorpusSelection.ReportBrokenLines(reading);
        return new InspectedData(statistics, separators, tokenizer.Kind, tokenizer.VocabularySize, null, reading.BrokenLines);
    }

    private InspectedData CountShards(ParseResult parsed, string[] folders, CancellationToken cancellation)
    {
        _corpus.RequireNoFilters(parsed, folders[0]);
        ITokenizer? tokenizer = _tokenizer.Open(parsed);
        using var opened = new OpenedShards(folders, tokenizer);
        if (parsed.GetValue(_verify))
        {
            opened.Verify(cancellation);
        }

        TokenShardIndex index = opened.Shards[0].Shard.Index;
        CorpusStatistics statistics = NewStatistics(parsed, opened.Tokenizer, index.TokenizerKind, index.VocabularySize, out IReadOnlyList<SeparatorSet> separators);
        CountingOptions options = Limits(parsed);
        ProgressDisplay.Run("counting", view =>
        {
            long before = 0;
            var progress = new RelayProgress<long>(done => view.Report(new ProgressState(
                Math.Max((double)(before + done) / opened.TokenCount, Share(statistics.All.DocumentCount, before + done, options)),
                1,
                $"{Quantity.Short(before + done)} tokens")));
            foreach ((_, TokenShard shard) in opened.Shards)
            {
                ShardCounter.Count(shard, statistics, options, progress, cancellation);
                before += shard.TokenCount;
            }

            return 0;
        });
        int first = (int)(parsed.GetValue(_first) ?? DefaultFirst);
        return new InspectedData(
            statistics, separators, index.TokenizerKind, index.VocabularySize, opened.Report(first), opened.Shards.Sum(entry => entry.Shard.Index.BrokenLines));
    }

    private CountingOptions Limits(ParseResult parsed) => new()
    {
        MaximumDocuments = parsed.GetValue(_maxDocuments) ?? long.MaxValue,
        MaximumTokens = parsed.GetValue(_maxTokens) ?? long.MaxValue,
        Threads = (int)(parsed.GetValue(_threads) ?? Environment.ProcessorCount),
    };

    private CorpusStatistics NewStatistics(
        ParseResult parsed, ITokenizer? tokenizer, string kind, int vocabularySize, out IReadOnlyList<SeparatorSet> separators)
    {
        separators = _separators.Resolve(parsed, tokenizer, kind, vocabularySize);
        return new CorpusStatistics(separators, parsed.GetValue(_blockSizes) is { Length: > 0 } sizes ? sizes : DefaultBlockSizes);
    }

    private void SaveFigures(ParseResult parsed, InspectedData inspected, string folder)
    {
        // The sets with the most tokens; there are no more colours.
        CorpusStatistics statistics = inspected.Statistics;
        IEnumerable<string> drawn = statistics.Sets.OrderByDescending(set => set.TokenCount).Take(FigureStyle.CategoryCount).Select(set => set.Name);
        SetStatistics[] sets = [.. Rows(statistics).Where(set => set == statistics.All || drawn.Contains(set.Name))];
        foreach ((int index, SeparatorSet separators) in inspected.Separators.Index())
        {
            string name = separators.Name.Length <= LongestFileName ? separators.Name.Replace(',', '-') : $"separators-{index + 1}";
            SegmentFigures.SaveBlocks(Path.Combine(folder, $"blocks-{name}"), sets, index);
        }

        SegmentFigures.SaveLong(Path.Combine(folder, "long-segments"), sets, TrainedRange(parsed));
    }

    private int TrainedRange(ParseResult parsed) => (int)(parsed.GetValue(_trainedRange) ?? DefaultTrainedRange);

    private InspectReport Report(ParseResult parsed, InspectedData inspected, bool withHistograms)
    {
        int trainedRange = TrainedRange(parsed);
        CorpusStatistics statistics = inspected.Statistics;
        return new InspectReport(
            _corpus.Describe(parsed),
            inspected.TokenizerKind,
            inspected.VocabularySize,
            inspected.Shards,
            inspected.BrokenLines,
            inspected.Separators,
            trainedRange,
            statistics.All.TextBytes is null ? "a token shard knows the bytes of all its text only, and a part was counted" : null,
            [.. Rows(statistics).Select(set => SetReport.Of(set, trainedRange, withHistograms))]);
    }
}
