using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using BiPE.Cli.Console;
using BiPE.Core;
using BiPE.Core.Checkpoints;
using BiPE.Core.Data;
using BiPE.Core.Evaluation;
using BiPE.Core.Model;
using BiPE.Core.Tensors;

namespace BiPE.Cli.Commands;

/// <summary><c>bipe eval</c>.</summary>
internal sealed class EvalCommand : BipeCommand
{
    private const long DefaultBatchTokens = 8192;

    private static readonly IBlockProtocol[] Protocols = [new ExactProtocol(), new ReferenceProtocol()];

    private readonly CorpusSelection _corpus;
    private readonly BackendSelection _backend;
    private readonly Option<string[]> _models = new("--model")
    {
        Description = "Folders of the models to compare (config.json, model.safetensors and a tokenizer).",
        HelpName = "DIR",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<int[]> _blockSizes = new("--block-size")
    {
        Description = "Lengths in tokens of the blocks that the text is cut into, separated by commas.",
        HelpName = "N,N,..",
        Required = true,
        CustomParser = ParseBlockSizes,
    };

    private readonly Option<string> _protocol = new("--protocol")
    {
        Description = "exact weighs every predicted token alike; reference repeats the arithmetic of the reference's eval.py.",
        DefaultValueFactory = _ => Protocols[0].Name,
    };

    private readonly Option<long?> _maxTokens = CommonOptions.Integer("--max-tokens", "Leave blocks out that start beyond this many tokens.", 2);
    private readonly Option<long?> _batchTokens = CommonOptions.Integer(
        "--batch-tokens", $"Most tokens computed at once when blocks are short; fewer take less memory. [default: {DefaultBatchTokens}]", 1, int.MaxValue);

    private readonly Option<string?> _json = CommonOptions.Json();

    public EvalCommand()
        : base(
            "eval",
            "Measures the perplexity of models at several block sizes; positions start anew in each block.",
            "bipe eval --model runs/bipe_rope --data test.jsonl.zst --set pg19 --block-size 1024,2048,4096,8192",
            "bipe eval --model runs/rope runs/bipe_rope --data tokens/test --block-size 512,1024 --json results.json",
            "bipe eval --model runs/rope --dotnet-docs --block-size 1024 --protocol reference --max-tokens 100000")
    {
        _protocol.AcceptOnlyFromAmong([.. Protocols.Select(protocol => protocol.Name)]);
        Options.Add(_models);
        _corpus = new CorpusSelection(this, "Text (.jsonl, .jsonl.gz, .jsonl.zst, .txt files or folders of them), or one token shard made by 'bipe data tokenize'.");
        Options.Add(_blockSizes);
        Options.Add(_protocol);
        Options.Add(_maxTokens);
        Options.Add(_batchTokens);
        Options.Add(_json);
        _backend = new BackendSelection(this);
    }

    protected override int Execute(ParseResult parsed, CancellationToken cancellation)
    {
        string? json = parsed.GetValue(_json);
        JsonResult.RequireWritable(json);
        string[] folders = parsed.GetRequiredValue(_models);

        // A mistake in the last model is told before the first is evaluated.
        Array.ForEach(folders, folder => ModelConfigReader.Read(folder));
        using EvaluationData data = OpenData(parsed);
        using ITensorBackend backend = _backend.Open(parsed);
        var models = new List<ModelEvaluation>();
        foreach (string folder in folders)
        {
            models.Add(Evaluate(parsed, backend, folder, data, cancellation));
        }

        if (json != JsonResult.StandardOutput)
        {
            WriteTable(models, parsed.GetRequiredValue(_protocol));
        }

        if (json is not null)
        {
            JsonResult.Write(json, new
            {
                Protocol = parsed.GetRequiredValue(_protocol),
                Data = _corpus.Describe(parsed),
                Sets = _corpus.Sets(parsed),
                MaxTokens = parsed.GetValue(_maxTokens),
                BatchTokens = BatchTokens(parsed),
                Backend = backend.Info.Name,
                backend.Info.Device,
                Models = models,
            });
        }

        return 0;
    }

    /// <summary>Reads block sizes separated by commas.</summary>
    /// <param name="result">What was given.</param>
    internal static int[]? ParseBlockSizes(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        var sizes = new List<int>();
        foreach (string part in text.Split(','))
        {
            if (!int.TryParse(part, out int size) || size < 2)
            {
                result.AddError($"--block-size is '{text}', expected integers of at least 2, separated by commas");
                return null;
            }

            sizes.Add(size);
        }

        return [.. sizes.Distinct()];
    }

    private static void WriteTable(List<ModelEvaluation> models, string protocol)
    {
        var table = new ResultTable("block size", ShortNames([.. models.Select(model => model.Model)]));
        foreach (int blockSize in models[0].Results.Select(result => result.BlockSize))
        {
            IEnumerable<string> perplexities = models.Select(
                model => Quantity.Fixed(model.Results.Single(result => result.BlockSize == blockSize).Perplexity, 4));
            table.AddRow([Quantity.Whole(blockSize), .. perplexities]);
        }

        Terminal.WriteResult($"Perplexity (protocol {protocol})");
        table.Write();
    }

    /// <summary>The folders' own names where these tell the models apart.</summary>
    private static string[] ShortNames(string[] folders)
    {
        string[] names = [.. folders.Select(OwnName)];
        return names.Distinct().Count() == names.Length ? names : folders;
    }

    private static string OwnName(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));

    private EvaluationData OpenData(ParseResult parsed)
    {
        IReadOnlyList<string> paths = _corpus.Paths(parsed);
        if (paths.Count != 1 || !TokenShard.IsShard(paths[0]))
        {
            return new EvaluationData(_corpus.Open(parsed), EnoughTokens(parsed));
        }

        return _corpus.Sets(parsed).Count == 0
            ? new EvaluationData(TokenShard.Open(paths[0]))
            : throw new BipeException($"'{paths[0]}' is a token shard, which knows no sets any more; choose the set with 'bipe data tokenize --set', or give --data the text.");
    }

    /// <summary>The exact protocol needs the text only up to the end of the last block; the reference's drops blocks by groups of documents.</summary>
    private long EnoughTokens(ParseResult parsed)
    {
        bool isExact = parsed.GetRequiredValue(_protocol) == Protocols[0].Name;
        return isExact && parsed.GetValue(_maxTokens) is { } most ? most + parsed.GetRequiredValue(_blockSizes).Max() : long.MaxValue;
    }

    private int BatchTokens(ParseResult parsed) => (int)(parsed.GetValue(_batchTokens) ?? DefaultBatchTokens);

    private ModelEvaluation Evaluate(ParseResult parsed, ITensorBackend backend, string folder, EvaluationData data, CancellationToken cancellation)
    {
        using LanguageModel model = HuggingFaceFolder.Load(backend, folder);
        IDocumentSource documents = data.For(folder, model.Config.VocabularySize, cancellation);
        var evaluator = new PerplexityEvaluator(model) { BatchTokens = BatchTokens(parsed) };
        IBlockProtocol protocol = Protocols.Single(protocol => protocol.Name == parsed.GetRequiredValue(_protocol));
        long most = parsed.GetValue(_maxTokens) ?? long.MaxValue;
        var results = new List<PerplexityResult>();
        foreach (int blockSize in parsed.GetRequiredValue(_blockSizes))
        {
            results.Add(ProgressDisplay.Run($"{OwnName(folder)} at {blockSize}", view =>
            {
                var watch = Stopwatch.StartNew();
                var progress = new RelayProgress<(long Done, long Total)>(state => view.Report(
                    new ProgressState(state.Done, state.Total, $"{Quantity.Short(state.Done / watch.Elapsed.TotalSeconds)} tokens/s")));
                return evaluator.Evaluate(documents, blockSize, protocol, most, progress, cancellation);
            }));
        }

        return new ModelEvaluation(folder, model.Config.PositionEncoding, model.ParameterCount, documents.DocumentCount, documents.TokenCount, results);
    }
}
