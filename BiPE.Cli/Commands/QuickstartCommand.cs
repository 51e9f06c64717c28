using System.CommandLine;
using BiPE.Cli.Console;
using BiPE.Cli.Quickstart;
using BiPE.Core;
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
    private const int DefaultMinutes = 5;

    private readonly BackendSelection _backend;
    private readonly Option<string[]> _data = new("--data")
    {
        Description = $"Text to learn from ({CorpusSelection.Kinds} files or folders of them). [default: the .NET reference documentation of the installed SDK]",
        HelpName = "PATH",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string> _output = new("--output")
    {
        Description = "Folder for models, table and plot; a quickstart that was stopped goes on in it.",
        HelpName = "DIR",
        DefaultValueFactory = _ => "quickstart",
    };

    private readonly Option<double?> _minutes = CommonOptions.Number(
        "--minutes", $"Time to train each of the two models. [default: {DefaultMinutes}]", 0.001, 10_000);

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
        string[] paths = parsed.GetValue(_data) ?? [];
        ICorpus corpus = paths.Length > 0 ? CorpusReader.Open(paths) : DotNetReferenceCorpus.Find();
        using ITensorBackend backend = _backend.Open(parsed);
        using var folderLock = FolderLock.Take(output);
        QuickstartPlan plan = FindPlan(output, corpus) ?? NewPlan(parsed, backend, corpus, output, cancellation);
        DocumentArray heldOut = ReadHeldOut(corpus, plan, cancellation);
        plan.Save(output);

        var results = new List<(string Encoding, IReadOnlyList<PerplexityResult> Results)>();
        foreach (string encoding in QuickstartPlan.Encodings)
        {
            string folder = Path.Combine(output, encoding);
            if (!Train(backend, plan, encoding, folder, TokensFolder(output), cancellation))
            {
                return TrainingStop.Report(folder, "the same command");
            }

            results.Add((encoding, Evaluate(backend, plan, folder, heldOut, cancellation)));
        }

        Show(plan, output, results, backend.Info.EvaluationPrecision, json);
        SuggestNext(output, paths);
        return 0;
    }

    private static string TokensFolder(string output) => Path.Combine(output, "tokens");

    /// <summary>The plan of a quickstart that goes on, or null.</summary>
    private static QuickstartPlan? FindPlan(string output, ICorpus corpus)
    {
        if (QuickstartPlan.Find(output) is not { } plan)
        {
            return null;
        }

        if (plan.Text != corpus.Name)
        {
            throw new BipeException($"The quickstart in '{output}' learns from '{plan.Text}', not from '{corpus.Name}'; choose another --output.");
        }

        Terminal.Note(
            $"Going on with the quickstart in {output}: hidden size {plan.Size.HiddenSize}, {plan.Size.LayerCount} layers, "
            + $"{Quantity.Whole(plan.Steps)} steps, seed {plan.Seed}. Choose another --output for another.");
        return plan;
    }

    private QuickstartPlan NewPlan(ParseResult parsed, ITensorBackend backend, ICorpus corpus, string output, CancellationToken cancellation)
    {
        var tokenizer = new ByteTokenizer();
        ProgressDisplay.Run("tokenizing", view => TokenShardWriter.Write(
            new WatchedCorpus(new SplitCorpus(corpus, isHeldOut: false), view), tokenizer, TokensFolder(output), cancellation: cancellation));
        using var data = TrainingData.Open(TokensFolder(output), tokenizer);
        QuickstartPlan plan = new QuickstartPlanner(backend, data).Plan(
            corpus.Name, parsed.GetValue(_seed), TimeSpan.FromMinutes(parsed.GetValue(_minutes) ?? DefaultMinutes), cancellation);
        Terminal.Note(
            $"Text: {corpus.Name}, {Quantity.Short(data.TokenCount)} bytes to learn from. Models: hidden size {plan.Size.HiddenSize}, {plan.Size.LayerCount} layers, "
            + $"trained on blocks of {plan.TrainLength} bytes for {Quantity.Whole(plan.Steps)} steps.");
        return plan;
    }

    private static DocumentArray ReadHeldOut(ICorpus corpus, QuickstartPlan plan, CancellationToken cancellation)
    {
        DocumentArray heldOut = DocumentArray.Tokenize(
            new SplitCorpus(corpus, isHeldOut: true), new ByteTokenizer(), enoughTokens: plan.EvaluationTokens + plan.LongestContext, cancellation: cancellation);
        return heldOut.TokenCount >= plan.LongestContext
            ? heldOut
            : throw new BipeException(
                $"'{corpus.Name}' is too little text: a twentieth is held out, {heldOut.TokenCount} bytes, and the longest context needs {plan.LongestContext}; give --data more text.");
    }

    private static bool Train(
        ITensorBackend backend, QuickstartPlan plan, string encoding, string folder, string tokens, CancellationToken cancellation)
    {
        var tokenizer = new ByteTokenizer();
        using TrainingSetup setup = TrainingCheckpoint.Latest(folder) is null
            ? TrainingSetup.Start(folder, plan.Training(), tokenizer, () => NewModel(backend, plan, encoding), () => TrainingData.Open(tokens, tokenizer))
            : TrainingSetup.Resume(backend, folder, _ => plan.Training(), _ => TrainingData.Open(tokens, tokenizer));
        using var log = JsonLinesLog.Open(Path.Combine(folder, "log.jsonl"), setup.Trainer.Step);
        var options = new TrainingRunOptions { Output = folder, SaveEvery = Math.Max(1, plan.Steps / 5), KeptCheckpoints = 1 };
        return ProgressDisplay.Run($"training {encoding}", view =>
        {
            var run = new TrainingRun(setup.Trainer, setup.Tokenizer, setup.Data, [log], options) { Progress = new TrainingProgress(view, setup.Trainer) };
            return run.Run(cancellation);
        });
    }

    private static LanguageModel NewModel(ITensorBackend backend, QuickstartPlan plan, string encoding)
    {
        var model = new LanguageModel(backend, plan.Config(encoding, new ByteTokenizer()));
        Initialiser.Initialise(model, (ulong)plan.Seed);
        return model;
    }

    private static List<PerplexityResult> Evaluate(
        ITensorBackend backend, QuickstartPlan plan, string folder, DocumentArray heldOut, CancellationToken cancellation)
    {
        using LanguageModel model = HuggingFaceFolder.Load(backend, folder, ModelUse.Evaluation);
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
        QuickstartPlan plan, string output, List<(string Encoding, IReadOnlyList<PerplexityResult> Results)> results, string precision,
        string? json)
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
            JsonResult.Write(json, new { Plan = plan, Precision = precision, Results = results.Select(result => new { result.Encoding, result.Results }) });
        }

        Terminal.Note($"Wrote {plot} and the models {string.Join(", ", results.Select(result => Path.Combine(output, result.Encoding)))}.");
    }

    private static void SuggestNext(string output, string[] paths)
    {
        string text = paths.Length > 0 ? $"--data {string.Join(' ', paths)}" : "--dotnet-docs";
        Terminal.Note(
            $"Next: more time (bipe quickstart --minutes 30 --output other), your own text (--data PATH), longer contexts (bipe eval --model {output}/rope {output}/bipe_rope "
            + $"{text} --block-size 256,8192 --max-tokens 200000), or ALiBi and other sizes (bipe train --help).");
    }
}
