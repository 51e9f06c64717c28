using System.CommandLine;
using System.CommandLine.Parsing;
using BiPE.Cli.Console;
using BiPE.Core.Data;
using BiPE.Core.Evaluation;
using BiPE.Core.Evaluation.Results;
using BiPE.Core.Model;
using BiPE.Core.Positions.Segments;
using BiPE.Core.Tensors;
using BiPE.Core.Tokenization;

namespace BiPE.Cli.Commands;

/// <summary><c>bipe eval</c>.</summary>
internal sealed class EvalCommand : BipeCommand
{

    private readonly CorpusSelection _corpus;
    private readonly ProtocolOptions _protocol;
    private readonly RotaryScalingOptions _scaling;
    private readonly SegmenterOptions _segmenters;
    private readonly EvaluationOutput _output;
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
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = ParseBlockSizes,
    };

    private readonly Option<long?> _maxTokens = CommonOptions.Integer("--max-tokens", "Leave blocks out that start beyond this many tokens.", 2);
    private readonly Option<long?> _batchTokens = CommonOptions.Integer(
        "--batch-tokens", "Most tokens computed at once when blocks are short; fewer take less memory. [default: as many as keep the device busy, 1024 on the processor]", 1, int.MaxValue);

    private readonly Option<long?> _chunk = CommonOptions.Integer(
        "--chunk", "Longer blocks are computed this many tokens at a time; fewer take less memory. [default: as many as keep the device busy, 1024 on the processor]", 1, int.MaxValue);

    private readonly Option<string?> _results = new("--results")
    {
        Description = "Results file: what it holds is not computed again, what is computed is added to it, also when interrupted.",
        HelpName = "FILE",
    };

    public EvalCommand()
        : base(
            "eval",
            "Measures the perplexity of models on sets of text at several block sizes; positions start anew in each block.",
            "bipe eval --model runs/bipe_rope --data test.jsonl.zst --set pg19 --block-size 1024,2048,4096,8192",
            "bipe eval --model runs/rope runs/bipe_rope --data pg19=tokens/pg19 arxiv=tokens/arxiv --block-size 1024,4096 --results results.jsonl",
            "bipe eval --model runs/rope runs/bipe_rope --data tokens/test --block-size 512,1024 --json results.json --markdown",
            "bipe eval --model runs/rope --data books.jsonl --block-size 1024,2048,4096 --protocol last --last 256 --within-documents",
            "bipe eval --model runs/rope --data books.jsonl --block-size 2048 --protocol sliding --stride 512 --per-position",
            "bipe eval --model runs/rope --data books.jsonl --block-size 2048,8192 --rope-scaling yarn --rope-factor 8",
            "bipe eval --model runs/bipe_rope --data books=books.jsonl code=code.jsonl --separators code=newline --block-size 1024",
            "bipe eval --model runs/rope --dotnet-docs --block-size 1024 --protocol reference --max-tokens 100000")
    {
        Options.Add(_models);
        _corpus = new CorpusSelection(
            this, $"Text ({CorpusSelection.Kinds} files or folders of them), or a token shard made by 'bipe data tokenize'; NAME=PATH for several sets.");
        Options.Add(_blockSizes);
        _protocol = new ProtocolOptions(this);
        _scaling = new RotaryScalingOptions(this);
        _segmenters = new SegmenterOptions(this, "the model's own of a set so named, else the model's");
        Options.Add(_maxTokens);
        Options.Add(_batchTokens);
        Options.Add(_chunk);
        Options.Add(_results);
        _output = new EvaluationOutput(this);
        _backend = new BackendSelection(this);
    }

    protected override int Execute(ParseResult parsed, CancellationToken cancellation)
    {
        _output.RequireWritable(parsed);
        string[] folders = [.. parsed.GetRequiredValue(_models).Distinct()];

        // A mistake in the last model is told before the first is evaluated.
        ModelConfig[] configs = [.. folders.Select(folder => _scaling.Apply(parsed, ModelConfigReader.Read(folder), folder))];
        bool namesSegments = _segmenters.Label(parsed) is not null;
        GivenSegmenters[] segmenters = [.. folders.Select(folder => _segmenters.Resolve(parsed, namesSegments ? ModelTokenizer.Find(folder) : null))];
        var sets = new List<EvaluationData>();
        try
        {
            OpenData(parsed, sets);
            _segmenters.RequireNames(parsed, [.. sets.Select(set => set.Name)]);
            using ResultsWriter? results = parsed.GetValue(_results) is { } path ? ResultsWriter.Open(path) : null;
            using ITensorBackend backend = _backend.Open(parsed);
            TellScores(parsed, backend, configs);
            List<EvaluationJob> jobs =
                [.. folders.Zip(configs, segmenters).SelectMany(model => Jobs(parsed, backend, model.First, model.Second, model.Third, sets, cancellation))];
            var runner = new EvaluationRunner(backend, results, BatchTokens(parsed, backend), ChunkTokens(parsed, backend));
            IReadOnlyList<EvaluationRecord> records = runner.Run(jobs, cancellation);
            _output.Write(parsed, records, models => new
            {
                Protocol = _protocol.Name(parsed),
                Data = _corpus.Describe(parsed),
                Sets = _corpus.Sets(parsed),
                MaxTokens = parsed.GetValue(_maxTokens),
                RopeScaling = _scaling.Override(parsed),
                Segmenters = _segmenters.Label(parsed),
                BatchTokens = BatchTokens(parsed, backend),
                Backend = backend.Info.Name,
                backend.Info.Device,
                Precision = backend.Info.EvaluationPrecision,
                Models = models,
            });
            return 0;
        }
        catch (OperationCanceledException) when (parsed.GetValue(_results) is { } path)
        {
            Terminal.Note($"What was scored is in {path}; the same command goes on from there.");
            throw;
        }
        finally
        {
            sets.ForEach(set => set.Dispose());
        }
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

    /// <summary>How a set is split, if that is not as the model splits other text: as given, else as the model's configuration has it for a set so named.</summary>
    private static SegmenterConfig? SegmenterOf(ModelConfig config, GivenSegmenters given, string set, string folder)
    {
        config = SeparatorSets.Resolve(config, () => TokenizerFolder.Open(folder));
        SegmenterConfig wanted = given.For(set) ?? Segmenters.Of(config, set);
        if (wanted.Label == (config.Segmenter ?? Segmenters.Reference).Label)
        {
            return null;
        }

        if (given.For(set) is null)
        {
            Terminal.Note($"'{folder}' has a segmenter of its own for '{set}': {wanted.Description}.");
        }

        return wanted;
    }

    /// <summary>Says what encodings cost that read attention's scores, at the longest block.</summary>
    private void TellScores(ParseResult parsed, ITensorBackend backend, ModelConfig[] configs)
    {
        if (configs.FirstOrDefault(config => config.ReadsScores) is not { } config)
        {
            return;
        }

        int longest = parsed.GetRequiredValue(_blockSizes).Max();
        int chunk = ChunkTokens(parsed, backend);
        int queries = longest > chunk ? chunk : Math.Max(longest, BatchTokens(parsed, backend) / longest * longest);
        Terminal.Note(
            $"{config.PositionEncoding} reads attention's scores, which takes about {Quantity.Bytes(ComposedAttention.EvaluationBytes(config, queries, longest))} "
            + "at the longest block; a smaller --batch-tokens, or --chunk for long blocks, takes less.");
    }

    private int BatchTokens(ParseResult parsed, ITensorBackend backend) => (int)(parsed.GetValue(_batchTokens) ?? backend.Info.TokensAtOnce);

    private int ChunkTokens(ParseResult parsed, ITensorBackend backend) => (int)(parsed.GetValue(_chunk) ?? backend.Info.TokensAtOnce);

    private void OpenData(ParseResult parsed, List<EvaluationData> sets)
    {
        if (_corpus.Paths(parsed).Count == 0)
        {
            sets.Add(new EvaluationData(_corpus.Describe(parsed), _corpus.Open(parsed), EnoughTokens(parsed)));
            return;
        }

        static bool IsText(NamedPaths set) => set.Paths.Count != 1 || !TokenShard.IsShard(set.Paths[0]);

        IReadOnlyList<NamedPaths> given = NamedPaths.Group(_corpus.Paths(parsed));
        foreach (NamedPaths set in given)
        {
            if (IsText(set))
            {
                sets.Add(new EvaluationData(set.Name, _corpus.Open(parsed, set.Paths), EnoughTokens(parsed)));
            }
            else
            {
                _corpus.RequireNoFilters(parsed, set.Paths[0], isBesideText: given.Any(IsText));
                sets.Add(new EvaluationData(set.Name, TokenShard.Open(set.Paths[0])));
            }
        }
    }

    /// <summary>The text is needed only up to the end of the last block.</summary>
    private long EnoughTokens(ParseResult parsed)
    {
        long longest = parsed.GetRequiredValue(_blockSizes).Max();
        return _protocol.ReadsFromTheStart(parsed) && parsed.GetValue(_maxTokens) is { } most && most <= long.MaxValue - longest ? most + longest : long.MaxValue;
    }

    private IEnumerable<EvaluationJob> Jobs(
        ParseResult parsed, ITensorBackend backend, string folder, ModelConfig config, GivenSegmenters segmenters, List<EvaluationData> sets,
        CancellationToken cancellation)
    {
        int[] blockSizes = parsed.GetRequiredValue(_blockSizes);
        long? most = parsed.GetValue(_maxTokens);
        string hash = ModelHash.Of(folder, cancellation);
        foreach (EvaluationData set in sets)
        {
            SegmenterConfig? segmenter = SegmenterOf(config, segmenters, set.Name, folder);
            (IDocumentSource documents, TokenByteCounts? byteCounts) = set.For(folder, config.VocabularySize, cancellation);
            foreach (int blockSize in blockSizes)
            {
                IBlockProtocol protocol = _protocol.Create(parsed, blockSize, blockSizes);
                var plan = EvaluationPlan.Create(documents, protocol, blockSize, most ?? long.MaxValue);
                var data = new EvaluatedData(set.Name, plan.HashData(cancellation), documents.DocumentCount, documents.TokenCount);
                EvaluationSettings settings = protocol.Describe(blockSize, backend.Info.EvaluationPrecision) with
                {
                    MaximumTokens = most,
                    RopeScaling = _scaling.Override(parsed),
                    Segmenter = segmenter?.Label,
                };
                yield return new EvaluationJob(folder, config, hash, data, plan, byteCounts, settings)
                {
                    Segmenter = segmenter,
                    GivenSegmenters = _segmenters.Label(parsed),
                };
            }
        }
    }
}
