using System.CommandLine;
using BiPE.Cli.Console;
using BiPE.Core.Data;
using BiPE.Core.Evaluation;
using BiPE.Core.Model;
using BiPE.Core.Tensors;
using BiPE.Core.Training;
using BiPE.Core.Training.Logs;

namespace BiPE.Cli.Commands;

/// <summary><c>bipe train</c>.</summary>
internal sealed class TrainCommand : BipeCommand
{
    private const int InterruptedCode = 130;
    private const long DefaultEvaluationTokens = 100_000;

    private readonly TrainingFlags _flags;
    private readonly TrainingDataOptions _data;
    private readonly BackendSelection _backend;
    private readonly SeparatorOption _separators;
    private readonly TokenizerOption _tokenizer;

    private readonly Option<string?> _config = new("--config")
    {
        Description = "Configuration of a new model, as those in config/.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _model = new("--model")
    {
        Description = "Folder of a model to start from, instead of --config.",
        HelpName = "DIR",
    };

    private readonly Option<string> _output = new("--output")
    {
        Description = "Folder for checkpoints, logs and the finished model.",
        HelpName = "DIR",
        Required = true,
    };

    private readonly Option<bool> _resume = new("--resume")
    {
        Description = "Go on from the newest checkpoint in --output, with its settings where no flag says otherwise.",
    };

    private readonly Option<long?> _evaluationTokens = CommonOptions.Integer(
        "--eval-max-tokens", $"Most tokens of --eval-data that an evaluation scores. [default: {DefaultEvaluationTokens}]", 2);

    public TrainCommand()
        : base(
            "train",
            "Trains a model on text. Ctrl-C saves a checkpoint; --resume goes on bit for bit as if never stopped.",
            "bipe train --config config/tiny_bipe_rope.json --tokenizer tokenizer.model --data corpus.jsonl.zst --output runs/tiny --max-steps 2000 --warmup-steps 200",
            "bipe train --config config/bipe_rope.json --tokenizer tokenizer.model --data tokens/train --eval-data tokens/val --eval-every 500 --output runs/base",
            "bipe train --output runs/tiny --resume",
            "bipe train --model runs/tiny --data more.txt --output runs/longer --max-steps 500 --learning-rate 3e-5")
    {
        Options.Add(_config);
        Options.Add(_model);
        Options.Add(_output);
        Options.Add(_resume);
        _tokenizer = new TokenizerOption(this, isRequired: false);
        _separators = new SeparatorOption(this, "the configuration's own, else reference");
        _data = new TrainingDataOptions(this, _resume);
        Options.Add(_evaluationTokens);
        _flags = new TrainingFlags(this);
        _backend = new BackendSelection(this);
        Validators.Add(result =>
        {
            if (_flags.AsksForEvaluations(result) && !_data.HasEvaluation(result))
            {
                result.AddError("Option '--eval-every' needs text to evaluate on; add --eval-data");
            }

            int sources = (result.GetValue(_config) is null ? 0 : 1) + (result.GetValue(_model) is null ? 0 : 1);
            if (result.GetValue(_resume) ? sources > 0 : sources != 1)
            {
                result.AddError(result.GetValue(_resume)
                    ? "With --resume the model comes from the checkpoint; leave --config and --model out"
                    : "Give either --config for a new model or --model for one to start from");
            }
        });
    }

    protected override int Execute(ParseResult parsed, CancellationToken cancellation)
    {
        string output = parsed.GetRequiredValue(_output);
        using ITensorBackend backend = _backend.Open(parsed);
        using TrainingSetup setup = parsed.GetValue(_resume)
            ? TrainingSetup.Resume(backend, output, state => _flags.Apply(parsed, state), state => _data.Open(parsed, output, state), cancellation)
            : TrainingSetup.Start(backend, output, _flags.Apply(parsed, null), Source(parsed), tokenizer => _data.OpenNew(parsed, output, tokenizer, cancellation));
        Describe(setup);
        using var jsonLines = JsonLinesLog.Open(Path.Combine(output, "log.jsonl"), setup.Trainer.Step);
        using var tensorBoard = new TensorBoardLog(Path.Combine(output, "tensorboard"), setup.Trainer.Step);
        bool finished = ProgressDisplay.Run("training", view => Run(parsed, setup, [jsonLines, tensorBoard], view, cancellation));
        if (finished)
        {
            Terminal.WriteResult($"The model after {Quantity.Whole(setup.Trainer.Step)} steps is in {output}; try 'bipe eval --model {output} --data PATH --block-size {setup.Model.Config.TrainScale}'.");
            return 0;
        }

        Terminal.Note($"Stopped after step {setup.Trainer.Step}; the checkpoint is {TrainingCheckpoint.Latest(output)}. Go on with: bipe train --output {output} --resume");
        return InterruptedCode;
    }

    private static void Describe(TrainingSetup setup)
    {
        TrainingOptions options = setup.Trainer.Options;
        Terminal.Note(
            $"{setup.Model.Config.PositionEncoding} model of {Quantity.Short(setup.Model.ParameterCount)} parameters, "
            + $"{Quantity.Short(setup.Data.TokenCount)} tokens of text, {options.BlocksPerStep} blocks of {setup.Model.Config.TrainScale} tokens a step, "
            + $"{Quantity.Whole(options.MaxSteps)} steps; about {Quantity.Bytes(MemoryPlan.ForTraining(setup.Model.Config, options.BatchSize, options.RecomputesLayers).Total)} of memory.");
        if (options.WarmupSteps >= options.MaxSteps)
        {
            Terminal.Note(
                $"The warm-up of {Quantity.Whole(options.WarmupSteps)} steps is as long as the run, so the learning rate never reaches {options.LearningRate}; consider --warmup-steps {options.MaxSteps / 20}.");
        }

        if (setup.Trainer.Step > 0)
        {
            Terminal.Note($"Going on after step {Quantity.Whole(setup.Trainer.Step)}.");
        }
    }

    private ModelSource Source(ParseResult parsed) => new(
        parsed.GetValue(_config), parsed.GetValue(_model), () => _tokenizer.Open(parsed),
        tokenizer => _separators.IsGiven(parsed) ? _separators.Resolve(parsed, tokenizer) : null);

    private bool Run(
        ParseResult parsed, TrainingSetup setup, IReadOnlyList<ITrainingLog> logs, IProgressView view, CancellationToken cancellation)
    {
        IDocumentSource? evaluation = _data.OpenEvaluation(parsed, setup.Tokenizer, cancellation);
        using var openedShard = evaluation as IDisposable;
        var run = new TrainingRun(setup.Trainer, setup.Tokenizer, setup.Data, logs, _flags.RunOptions(parsed, parsed.GetRequiredValue(_output)))
        {
            Progress = new TrainingProgress(view, setup.Trainer),
            Evaluation = evaluation is not null
                ? token => Evaluate(setup.Model, evaluation, parsed.GetValue(_evaluationTokens) ?? DefaultEvaluationTokens, view, token)
                : null,
        };
        return run.Run(cancellation);
    }

    private static IReadOnlyList<TrainingScalar> Evaluate(
        LanguageModel model, IDocumentSource documents, long maximumTokens, IProgressView view, CancellationToken cancellation)
    {
        PerplexityResult result = new PerplexityEvaluator(model).Evaluate(
            documents, model.Config.TrainScale, new ExactProtocol(), maximumTokens, cancellation: cancellation);
        view.WriteLine($"evaluation: loss {Quantity.Fixed(result.MeanLoss, 4)}, perplexity {Quantity.Fixed(result.Perplexity, 3)}");
        return [new TrainingScalar("eval/loss", result.MeanLoss), new TrainingScalar("eval/perplexity", result.Perplexity)];
    }
}
