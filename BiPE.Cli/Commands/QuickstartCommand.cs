using System.CommandLine;
using BiPE.Cli.Console;
using BiPE.Cli.Quickstart;
using BiPE.Core.Checkpoints;
using BiPE.Core.Data;
using BiPE.Core.Data.Corpora;
using BiPE.Core.Data.Corpora.DotNetReference;
using BiPE.Core.Evaluation;
using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Tokenization;
using BiPE.Core.Training;
using BiPE.Core.Training.Logs;

namespace BiPE.Cli.Commands;

/// <summary><c>bipe quickstart</c>.</summary>
internal sealed class QuickstartCommand : BipeCommand
{
    private const int InterruptedCode = 130;
    private const double DefaultMinutes = 5;

    private readonly BackendSelection _backend;
    private readonly Option<string[]> _data = new("--data")
    {
        Description = "Text to learn from (.jsonl, .jsonl.gz, .jsonl.zst, .txt files or folders of them). [default: the .NET reference documentation of the installed SDK]",
        HelpName = "PATH",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string> _output = new("--output")
    {
        Description = "Folder for models, table and plot; a quickstart that was stopped goes on in it.",
        HelpName = "DIR",
        DefaultValueFactory = _ => "quickstart",
    };

    private readonly Option<double> _minutes = new("--minutes")
    {
        Description = "Time to train each of the two models.",
        HelpName = "X",
        DefaultValueFactory = _ => DefaultMinutes,
    };

    private readonly Option<long> _seed = CommonOptions.Seed(1);
    private readonly Option<string?> _json = CommonOptions.Json();

    public QuickstartCommand()
        : base(
            "quickstart",
            "Trains a plain and a bilevel model on text that every SDK has, and shows what longer contexts do to them.",
            "bipe quickstart",
            "bipe quickstart --minutes 1 --output /tmp/quick",
            "bipe quickstart --data books/ --minutes 30 --json results.json")
    {
        _minutes.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (> 0 and <= 10_000))
            {
                result.AddError("--minutes is not a number above 0 and at most 10000");
            }
        });
        Options.Add(_data);
        Options.Add(_output);
        Options.Add(_minutes);
        Options.Add(_seed);
        Options.Add(_json);
        _backend = new BackendSelection(this);
    }

    protected override int Execute(ParseResult parsed, CancellationToken cancellation)
    {
        string? json = parsed.GetValue(_json);
        string output = parsed.GetRequiredValue(_output);
        JsonResult.RequireWritable(json);
        ICorpus corpus = parsed.GetValue(_data) is { Length: > 0 } paths ? CorpusReader.Open(paths) : DotNetReferenceCorpus.Find();
        using ITensorBackend backend = _backend.Open(parsed);
        var tokenizer = new ByteTokenizer();
        using TrainingData training = OpenTraining(corpus, output, tokenizer, cancellation);
        QuickstartPlan plan = QuickstartPlan.Find(output) ?? NewPlan(parsed, backend, training, corpus.Name, output);
        DocumentArray heldOut = DocumentArray.Tokenize(
            new SplitCorpus(corpus, isHeldOut: true), tokenizer, enoughTokens: plan.EvaluationTokens + (plan.TrainLength * QuickstartPlan.Multiples.Max()), cancellation: cancellation);
        Terminal.Note(
            $"Text: {corpus.Name}, {Quantity.Short(training.TokenCount)} bytes to learn from. Models: hidden size {plan.HiddenSize}, {plan.LayerCount} layers, "
            + $"trained on blocks of {plan.TrainLength} bytes for {Quantity.Whole(plan.Steps)} steps.");

        var results = new List<(string Encoding, IReadOnlyList<PerplexityResult> Results)>();
        foreach (string encoding in QuickstartPlan.Encodings)
        {
            string folder = Path.Combine(output, encoding);
            if (!Train(backend, plan, plan.Config(encoding, tokenizer), tokenizer, training, folder, cancellation))
            {
                Terminal.Note($"Stopped; the checkpoint is {TrainingCheckpoint.Latest(folder)}. Go on with: bipe quickstart --output {output}");
                return InterruptedCode;
            }

            results.Add((encoding, Evaluate(backend, plan, folder, heldOut, cancellation)));
        }

        Show(plan, output, results, json);
        return 0;
    }

    private static TrainingData OpenTraining(ICorpus corpus, string output, ByteTokenizer tokenizer, CancellationToken cancellation)
    {
        string folder = Path.Combine(output, "tokens");
        if (!TokenShard.IsShard(folder))
        {
            ProgressDisplay.Run("tokenizing", view => TokenShardWriter.Write(
                new WatchedCorpus(new SplitCorpus(corpus, isHeldOut: false), view), tokenizer, folder, cancellation: cancellation));
        }

        return TrainingData.Open(folder, tokenizer);
    }

    private QuickstartPlan NewPlan(ParseResult parsed, ITensorBackend backend, TrainingData data, string text, string output)
    {
        var plan = new QuickstartPlan { Text = text, HiddenSize = 1, LayerCount = 1, Steps = 1, Seed = parsed.GetValue(_seed) };
        (ModelSize size, long steps) = ModelSize.For(backend, data.Tokens, plan, TimeSpan.FromMinutes(parsed.GetValue(_minutes)));
        plan = plan with { HiddenSize = size.HiddenSize, LayerCount = size.LayerCount, Steps = steps };
        plan.Save(output);
        return plan;
    }

    private static bool Train(
        ITensorBackend backend, QuickstartPlan plan, ModelConfig config, ByteTokenizer tokenizer, TrainingData data, string folder, CancellationToken cancellation)
    {
        string? checkpoint = TrainingCheckpoint.Latest(folder);
        using LanguageModel model = checkpoint is null ? new LanguageModel(backend, config) : HuggingFaceFolder.Load(backend, checkpoint);
        using var trainer = new Trainer(model, data.Tokens, plan.Training());
        if (checkpoint is null)
        {
            Initialiser.Initialise(model, (ulong)plan.Seed);
        }
        else
        {
            TrainingState state = TrainingCheckpoint.ReadState(checkpoint);
            state.RequireSameData(checkpoint, plan.Training(), data);
            TrainingCheckpoint.RestoreOptimizer(checkpoint, trainer, state);
        }

        using var log = JsonLinesLog.Open(Path.Combine(folder, "log.jsonl"), trainer.Step);
        return ProgressDisplay.Run($"training {config.PositionEncoding}", view =>
        {
            var options = new TrainingRunOptions { Output = folder, SaveEvery = Math.Max(1, plan.Steps / 5), KeptCheckpoints = 1 };
            var run = new TrainingRun(trainer, tokenizer, data, [log], options)
            {
                Progress = new TrainingProgress(view, trainer),
            };
            return run.Run(cancellation);
        });
    }

    private static List<PerplexityResult> Evaluate(
        ITensorBackend backend, QuickstartPlan plan, string folder, DocumentArray heldOut, CancellationToken cancellation)
    {
        using LanguageModel model = HuggingFaceFolder.Load(backend, folder);
        var evaluator = new PerplexityEvaluator(model);
        return
        [
            .. QuickstartPlan.Multiples.Select(multiple => ProgressDisplay.Run(
                $"{model.Config.PositionEncoding} at {multiple * plan.TrainLength}",
                view => evaluator.Evaluate(
                    heldOut, multiple * plan.TrainLength, new ExactProtocol(), plan.EvaluationTokens,
                    new RelayProgress<(long Done, long Total)>(state => view.Report(new ProgressState(state.Done, state.Total, ""))), cancellation))),
        ];
    }

    private static void Show(
        QuickstartPlan plan, string output, List<(string Encoding, IReadOnlyList<PerplexityResult> Results)> results, string? json)
    {
        if (json != JsonResult.StandardOutput)
        {
            var table = new ResultTable("context in bytes", results.Select(result => result.Encoding));
            foreach ((int index, int multiple) in QuickstartPlan.Multiples.Index())
            {
                table.AddRow([
                    $"{Quantity.Whole(multiple * plan.TrainLength)} ({multiple}x)",
                    .. results.Select(result => Quantity.Fixed(result.Results[index].Perplexity, 3)),
                ]);
            }

            Terminal.WriteResult("Perplexity a byte on held-out text");
            table.Write();
        }

        string plot = Path.Combine(output, "perplexity.png");
        LengthPlot.Save(
            plot, $"Trained on {plan.TrainLength} bytes, read at more",
            [.. results.Select(result => (result.Encoding, result.Results.Select(r => r.BlockSize).ToArray(), result.Results.Select(r => r.Perplexity).ToArray()))],
            plan.TrainLength);
        if (json is not null)
        {
            JsonResult.Write(json, new { Plan = plan, Results = results.Select(result => new { result.Encoding, result.Results }) });
        }

        Terminal.Note($"Wrote {plot} and the models {string.Join(", ", results.Select(result => Path.Combine(output, result.Encoding)))}.");
        Terminal.Note($"Next: more time (bipe quickstart --minutes 30 --output other), your own text (--data PATH), longer contexts (bipe eval --model {output}/rope {output}/bipe_rope --dotnet-docs --block-size 256,8192 --max-tokens 200000), or ALiBi and other sizes (bipe train --help).");
    }
}
