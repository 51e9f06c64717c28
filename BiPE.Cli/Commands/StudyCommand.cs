using System.CommandLine;
using System.CommandLine.Parsing;
using BiPE.Cli.Console;
using BiPE.Cli.Report;
using BiPE.Cli.Study;
using BiPE.Core;
using BiPE.Core.Checkpoints;
using BiPE.Core.Data;
using BiPE.Core.Data.Corpora;
using BiPE.Core.Evaluation;
using BiPE.Core.Evaluation.Results;
using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Tokenization;
using BiPE.Core.Training;
using BiPE.Core.Training.Logs;

namespace BiPE.Cli.Commands;

/// <summary><c>bipe study</c>.</summary>
internal sealed class StudyCommand : BipeCommand
{
    private const int DefaultTrainLength = 256;
    private const long DefaultTokens = 4_000_000;
    private const int DefaultBatchSize = 8;
    private const double DefaultLearningRate = 3e-3;
    private const long DefaultMaxTokens = 1 << 18;
    private const int CheckpointsEachTraining = 5;
    private static readonly int[] DefaultMultiples = [1, 2, 4, 8, 16];

    private readonly CorpusSelection _corpus;
    private readonly TokenizerOption _tokenizer;
    private readonly BackendSelection _backend;
    private readonly Option<string[]> _encodings = new("--encodings")
    {
        Description = "Position encodings, separated by commas; bipe info --encodings lists them.",
        HelpName = "NAME,NAME,..",
        Required = true,
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = ParseEncodings,
    };

    private readonly Option<string> _output = new("--output")
    {
        Description = "Folder for models, results and report; a study that was stopped goes on in it, and encodings can be added.",
        HelpName = "DIR",
        Required = true,
    };

    private readonly Option<string?> _config = new("--config")
    {
        Description = "Configuration of the models' sizes. [default: 4 layers of width 192 with 6 heads, 1.8M parameters]",
        HelpName = "FILE",
    };

    private readonly Option<long?> _trainLength = CommonOptions.Integer("--train-length", $"Tokens of a training block. [default: {DefaultTrainLength}]", 2, 1 << 20);
    private readonly Option<int[]> _lengths = new("--eval-lengths")
    {
        Description = $"Block sizes to evaluate at, separated by commas. [default: {string.Join(", ", DefaultMultiples)} times the training length]",
        HelpName = "N,N,..",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = ParseLengths,
    };

    private readonly Option<long?> _tokens = CommonOptions.Integer("--tokens", $"Tokens that each model is trained on. [default: {DefaultTokens}]", 1);
    private readonly Option<long?> _batchSize = CommonOptions.Integer("--batch-size", $"Blocks of a step. [default: {DefaultBatchSize}]", 1, 1 << 20);
    private readonly Option<double?> _learningRate = CommonOptions.Number("--learning-rate", $"Largest learning rate. [default: {DefaultLearningRate}]");
    private readonly Option<long?> _maxTokens = CommonOptions.Integer(
        "--max-tokens", $"Leave blocks of the held-out text out that start beyond this many tokens. [default: {DefaultMaxTokens}]", 2);

    private readonly Option<long> _seed = CommonOptions.Seed(1);

    public StudyCommand()
        : base(
            "study",
            "Trains a model with each of several position encodings, alike in all else, and compares them at longer contexts.",
            "bipe study --encodings rope,alibi,bipe_rope,bipe_alibi --data books.txt --output study",
            "bipe study --encodings rope,bipe_rope,nope,t5 --train-length 256 --eval-lengths 256,512,1024,4096 --data corpus.jsonl.zst --tokens 20000000 --output study",
            "bipe study --encodings rope,bipe_rope --config config/tiny_rope.json --tokenizer tokenizer.model --data corpus.jsonl.zst --output study")
    {
        Options.Add(_encodings);
        _corpus = new CorpusSelection(this, $"Text ({CorpusSelection.Kinds} files or folders of them); a twentieth is held out for the evaluation.");
        foreach (Option option in (Option[])[_output, _config, _trainLength, _lengths, _tokens, _batchSize, _learningRate, _maxTokens, _seed])
        {
            Options.Add(option);
        }

        _tokenizer = new TokenizerOption(this, isRequired: false);
        _backend = new BackendSelection(this);
    }

    protected override int Execute(ParseResult parsed, CancellationToken cancellation)
    {
        string output = parsed.GetRequiredValue(_output);
        EvaluationReport.RequireFolder(output, "--output");
        ITokenizer tokenizer = _tokenizer.Open(parsed) ?? new ByteTokenizer();
        ICorpus corpus = _corpus.Open(parsed);
        StudyPlan plan = Plan(parsed, corpus, tokenizer);
        string[] encodings = parsed.GetRequiredValue(_encodings);

        // A mistake in the last encoding is told before the first is trained.
        foreach (string encoding in encodings)
        {
            plan.Config(encoding).Validate($"--encodings {encoding}");
        }

        using ITensorBackend backend = _backend.Open(parsed);
        using var folderLock = FolderLock.Take(output);
        plan.Keep(output);
        (string training, string heldOut) = StudyData.Prepare(corpus, tokenizer, output, cancellation);
        int[] lengths = Lengths(parsed, plan, heldOut);
        Terminal.Note(
            $"{encodings.Length} encodings, each trained for {Quantity.Whole(plan.Steps)} steps of {plan.BatchSize} blocks of {plan.Model.TrainScale} tokens "
            + $"({Quantity.Short(plan.Steps * plan.BatchSize * (double)plan.Model.TrainScale)} tokens).");
        foreach (string encoding in encodings)
        {
            string folder = Folder(output, encoding);
            if (!Train(backend, plan, encoding, folder, training, tokenizer, cancellation))
            {
                return TrainingStop.Report(folder, "the same command");
            }
        }

        Show(output, plan, encodings, Evaluate(parsed, backend, output, encodings, heldOut, lengths, cancellation));
        return 0;
    }

    private static string[]? ParseEncodings(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        string[] encodings = [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct()];
        if (encodings.Length > 0)
        {
            return encodings;
        }

        result.AddError($"--encodings is '{text}', expected names of position encodings, separated by commas");
        return null;
    }

    private static int[]? ParseLengths(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        int[] lengths = [.. text.Split(',').Select(part => int.TryParse(part, out int length) ? length : 0).Distinct().Order()];
        if (lengths[0] >= 2)
        {
            return lengths;
        }

        result.AddError($"--eval-lengths is '{text}', expected integers of at least 2, separated by commas");
        return null;
    }

    private static string Folder(string output, string encoding) => Path.Combine(output, "models", encoding);

    private StudyPlan Plan(ParseResult parsed, ICorpus corpus, ITokenizer tokenizer)
    {
        int length = (int)(parsed.GetValue(_trainLength) ?? DefaultTrainLength);
        int batchSize = (int)(parsed.GetValue(_batchSize) ?? DefaultBatchSize);
        long steps = Math.Max(1, (parsed.GetValue(_tokens) ?? DefaultTokens) / ((long)batchSize * length));
        ModelConfig sizes = parsed.GetValue(_config) is { } file
            ? ModelConfigReader.Read(file)
            : new ModelConfig { VocabularySize = tokenizer.VocabularySize, HiddenSize = 192, IntermediateSize = 512, LayerCount = 4, HeadCount = 6, KeyValueHeadCount = 6, RmsNormEpsilon = 1e-5 };
        if (sizes.VocabularySize < tokenizer.VocabularySize)
        {
            throw new BipeException(
                $"The configuration has {sizes.VocabularySize} token ids (vocab_size), the tokenizer {tokenizer.VocabularySize}; give --config one with at least as many.");
        }

        sizes = SeparatorSets.Resolve(sizes, () => tokenizer);
        ModelConfig model = sizes with
        {
            TrainScale = length,
            MaximumPositions = length,
            PositionEncoding = "rope",
            PadTokenId = -1,
            BeginOfSentence = tokenizer.BeginOfSentence,
            EndOfSentence = tokenizer.EndOfSentence,
            Segmenter = sizes.Segmenter ?? new SegmenterConfig { Tokens = SeparatorSets.Resolve(SeparatorSets.Reference, tokenizer) },
        };
        return new StudyPlan(
            corpus.Name, tokenizer.Fingerprint, model, steps, batchSize, parsed.GetValue(_learningRate) ?? DefaultLearningRate, parsed.GetValue(_seed),
            _corpus.DescribeRecords(parsed));
    }

    private int[] Lengths(ParseResult parsed, StudyPlan plan, string heldOut)
    {
        int[] lengths = parsed.GetValue(_lengths) is { Length: > 0 } given ? given : [.. DefaultMultiples.Select(multiple => multiple * plan.Model.TrainScale)];
        using TokenShard shard = TokenShard.Open(heldOut);
        return shard.TokenCount >= lengths[^1]
            ? lengths
            : throw new BipeException(
                $"The held-out text has {Quantity.Whole(shard.TokenCount)} tokens, and the longest of --eval-lengths is {Quantity.Whole(lengths[^1])}; give --data more text or shorter lengths.");
    }

    private static bool Train(
        ITensorBackend backend, StudyPlan plan, string encoding, string folder, string tokens, ITokenizer tokenizer, CancellationToken cancellation)
    {
        if (File.Exists(Path.Combine(folder, "config.json")))
        {
            return true;
        }

        using TrainingSetup setup = TrainingCheckpoint.Latest(folder) is null
            ? TrainingSetup.Start(folder, plan.Training(), tokenizer, () => NewModel(backend, plan, encoding), () => TrainingData.Open(tokens, tokenizer))
            : TrainingSetup.Resume(backend, folder, _ => plan.Training(), _ => TrainingData.Open(tokens, tokenizer));
        using var log = JsonLinesLog.Open(Path.Combine(folder, "log.jsonl"), setup.Trainer.Step);
        var options = new TrainingRunOptions { Output = folder, SaveEvery = Math.Max(1, plan.Steps / CheckpointsEachTraining), KeptCheckpoints = 1 };
        return ProgressDisplay.Run($"training {encoding}", view =>
        {
            var run = new TrainingRun(setup.Trainer, setup.Tokenizer, setup.Data, [log], options) { Progress = new TrainingProgress(view, setup.Trainer) };
            return run.Run(cancellation);
        });
    }

    private static LanguageModel NewModel(ITensorBackend backend, StudyPlan plan, string encoding)
    {
        var model = new LanguageModel(backend, plan.Config(encoding));
        Initialiser.Initialise(model, (ulong)plan.Seed);
        return model;
    }

    private IReadOnlyList<EvaluationRecord> Evaluate(
        ParseResult parsed, ITensorBackend backend, string output, string[] encodings, string heldOut, int[] lengths, CancellationToken cancellation)
    {
        long most = parsed.GetValue(_maxTokens) ?? DefaultMaxTokens;
        using var data = new EvaluationData("held-out", TokenShard.Open(heldOut));
        using ResultsWriter results = ResultsWriter.Open(Path.Combine(output, "results.jsonl"));
        var jobs = new List<EvaluationJob>();
        foreach (string encoding in encodings)
        {
            string folder = Folder(output, encoding);
            ModelConfig config = ModelConfigReader.Read(folder);
            string hash = ModelHash.Of(folder, cancellation);
            (IDocumentSource documents, TokenByteCounts? bytes) = data.For(folder, config.VocabularySize, cancellation);
            foreach (int length in lengths)
            {
                var protocol = new ExactProtocol();
                var plan = EvaluationPlan.Create(documents, protocol, length, most);
                var evaluated = new EvaluatedData(data.Name, plan.HashData(cancellation), documents.DocumentCount, documents.TokenCount);
                EvaluationSettings settings = protocol.Describe(length, backend.Info.EvaluationPrecision) with { MaximumTokens = most };
                jobs.Add(new EvaluationJob(folder, config, hash, evaluated, plan, bytes, settings));
            }
        }

        return new EvaluationRunner(backend, results, backend.Info.TokensAtOnce, backend.Info.TokensAtOnce).Run(jobs, cancellation);
    }

    private static void Show(string output, StudyPlan plan, string[] encodings, IReadOnlyList<EvaluationRecord> records)
    {
        ResultTable table = StudyTable.Of(
            [.. encodings.Select(encoding => (encoding, records.Where(record => record.Model.Name == Folder(output, encoding)).ToArray()))], plan.Model.TrainScale);
        Terminal.WriteResult($"Perplexity on held-out text after {Quantity.Whole(plan.Steps)} steps, with 95% intervals");
        table.Write();
        string markdown = Path.Combine(output, "study.md");
        AtomicFile.Write(markdown, stream =>
        {
            using var writer = new StreamWriter(stream, leaveOpen: true);
            table.WriteMarkdown(writer);
        });
        EvaluationReport.Write(Path.Combine(output, "report"), records);
        Terminal.Note($"Wrote {markdown} and the models in {Path.Combine(output, "models")}; compare two of them with 'bipe compare {Path.Combine(output, "results.jsonl")} --model A B'.");
    }
}
