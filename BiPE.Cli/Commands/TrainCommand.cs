using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using BiPE.Cli.Console;
using BiPE.Cli.Profile;
using BiPE.Core;
using BiPE.Core.Checkpoints;
using BiPE.Core.Data;
using BiPE.Core.Model;
using BiPE.Core.Positions.Segments;
using BiPE.Core.Tensors;
using BiPE.Core.Tokenization;
using BiPE.Core.Training;
using BiPE.Core.Training.Logs;

namespace BiPE.Cli.Commands;

/// <summary><c>bipe train</c>.</summary>
internal sealed class TrainCommand : BipeCommand
{
    private readonly TrainingFlags _flags;
    private readonly TrainingRunFlags _runFlags;
    private readonly TrainingDataOptions _data;
    private readonly BackendSelection _backend;
    private readonly SegmenterOptions _segmenters;
    private readonly RotaryScalingOptions _scaling;
    private readonly TokenizerOption _tokenizer;
    private readonly ProfileOption _profile;

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

    private readonly Option<string?> _encoding = new("--encoding")
    {
        Description = "Position encoding of a new model, instead of the configuration's rpe_type; bipe info --encodings lists them.",
        HelpName = "NAME",
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

    public TrainCommand()
        : base(
            "train",
            "Trains a model on text. Ctrl-C saves a checkpoint; --resume goes on bit for bit as if never stopped.",
            "bipe train --config config/tiny_bipe_rope.json --tokenizer tokenizer.model --data corpus.jsonl.zst --output runs/tiny --max-steps 2000 --warmup-steps 200",
            "bipe train --config config/bipe_rope.json --tokenizer tokenizer.model --data tokens/train --eval-data tokens/val --eval-every 500 --output runs/base",
            "bipe train --config config/tiny_bipe_rope.json --encoding bipe_kerple+sinusoidal --tokenizer tokenizer.model --data corpus.txt --output runs/kerple",
            "bipe train --config config/bipe_rope.json --tokenizer tokenizer.model --data web=tokens/web books=tokens/books --weights 0.7,0.3 --packing documents --hold-out 0.01 --output runs/mixed",
            "bipe train --config config/tiny_bipe_rope.json --tokenizer bytes --data books=books.jsonl code=code.jsonl --separators sentence code=newline --output runs/sentences-and-lines",
            "bipe train --output runs/tiny --resume",
            "bipe train --config config/tiny_bipe_rope.json --tokenizer bytes --dotnet-docs --output runs/profile --max-steps 10 --batch-size 4 --profile",
            "bipe train --model runs/tiny --data more.txt --output runs/longer --max-steps 500 --learning-rate 3e-5",
            "bipe train --model runs/rope --rope-scaling yarn --rope-factor 8 --block-size 8192 --data books.jsonl --output runs/rope-yarn --max-steps 400",
            "bipe train --model runs/rope --rope-scaling yarn --rope-factor 8 --pose-length 8192 --data books.jsonl --output runs/rope-pose --max-steps 400")
    {
        Options.Add(_config);
        Options.Add(_model);
        Options.Add(_encoding);
        Options.Add(_output);
        Options.Add(_resume);
        _tokenizer = new TokenizerOption(this, isRequired: false);
        _segmenters = new SegmenterOptions(this, "the configuration's own, else reference");
        _scaling = new RotaryScalingOptions(this);
        _data = new TrainingDataOptions(this, _resume);
        _flags = new TrainingFlags(this);
        _runFlags = new TrainingRunFlags(this, _resume, _flags.HeldOut);
        _profile = new ProfileOption(this);
        _backend = new BackendSelection(this);
        Validators.Add(RequireOneModel);
    }

    protected override int Execute(ParseResult parsed, CancellationToken cancellation)
    {
        string output = parsed.GetRequiredValue(_output);
        bool resumes = parsed.GetValue(_resume);
        TrainingRunSettings settings = _runFlags.Apply(parsed, resumes ? TrainingRunSettings.Load(output) : new TrainingRunSettings());
        using var namedEvaluation = TrainingEvaluation.Find(settings);
        using var folderLock = FolderLock.Take(output);
        using ITensorBackend backend = _profile.Open(parsed, _backend, out TrainingProfile? profile, cancellation);
        using TrainingSetup setup = resumes ? Resume(parsed, backend, output) : Start(parsed, backend, output, cancellation);
        TrainingEvaluation? evaluation = ChooseEvaluation(namedEvaluation, setup, settings);
        evaluation?.Prepare(setup.Tokenizer, setup.Trainer.BlockLength, cancellation);
        settings.Save(output);
        Describe(setup);
        bool isFinished = Run(setup, output, settings, evaluation, profile, cancellation);
        if (profile is not null)
        {
            _profile.Write(parsed, profile);
        }

        if (!isFinished)
        {
            return TrainingStop.Report(output, $"bipe train --output {output} --resume");
        }

        Action<string> tell = _profile.TakesOutput(parsed) ? Terminal.Note : Terminal.WriteResult;
        tell(
            $"The model after {Quantity.Whole(setup.Trainer.Step)} steps is in {output}; try "
            + $"'bipe eval --model {output} --data PATH --block-size {setup.Trainer.BlockLength}'.");
        return 0;
    }

    private static TrainingEvaluation? ChooseEvaluation(TrainingEvaluation? named, TrainingSetup setup, TrainingRunSettings settings)
    {
        double heldOut = setup.Trainer.Options.HeldOut;
        return named is null || heldOut == 0
            ? named ?? TrainingEvaluation.HeldOut(setup.Data, heldOut, settings)
            : throw new BipeException("The run evaluates on what it holds out of its data (--hold-out); leave --eval-data out.");
    }

    private static bool Run(
        TrainingSetup setup, string output, TrainingRunSettings settings, TrainingEvaluation? evaluation, TrainingProfile? profile,
        CancellationToken cancellation)
    {
        using var jsonLines = JsonLinesLog.Open(Path.Combine(output, "log.jsonl"), setup.Trainer.Step);
        using var tensorBoard = new TensorBoardLog(Path.Combine(output, "tensorboard"), setup.Trainer.Step);
        var options = new TrainingRunOptions
        {
            Output = output,
            SaveEvery = settings.SaveEvery,
            EvaluateEvery = settings.EvaluateEvery,
            LogEvery = settings.LogEvery,
            KeptCheckpoints = settings.KeptCheckpoints,
        };
        profile?.Start(setup.Trainer);
        return ProgressDisplay.Run("training", view =>
        {
            var progress = new TrainingProgress(view, setup.Trainer);
            var run = new TrainingRun(setup.Trainer, setup.Tokenizer, setup.Data, [jsonLines, tensorBoard], options)
            {
                BeforeStep = () => profile?.BeginStep(setup.Trainer.Step),
                Progress = new RelayProgress<StepReport>(step =>
                {
                    profile?.EndStep(step);
                    progress.Report(step);
                }),
                Evaluation = evaluation is null ? null : token => evaluation.Evaluate(setup.Model, setup.Trainer.BlockLength, view, token),
            };
            return run.Run(cancellation);
        });
    }

    private static long PlannedMemory(TrainingSetup setup)
    {
        TrainingOptions options = setup.Trainer.Options;
        BackendInfo info = setup.Model.Backend.Info;
        var plan = MemoryPlan.ForTraining(
            setup.Model.Config, options.BatchSize, options.Recompute, info.ActivationType, setup.Trainer.BlockLength, options.GradientAccumulation);
        return info.JoinsMemory ? plan.Total : plan.All;
    }

    private static long ScoreBytes(TrainingSetup setup)
    {
        TrainingOptions options = setup.Trainer.Options;
        int length = setup.Trainer.BlockLength;
        long layers = options.Recompute == Recompute.Layers ? 1 : setup.Model.Config.LayerCount;
        return layers * options.BatchSize * length * sizeof(float) * ComposedAttention.KeptPerToken(setup.Model.Config, length);
    }

    private static void Describe(TrainingSetup setup)
    {
        TrainingOptions options = setup.Trainer.Options;
        ModelConfig config = setup.Model.Config;
        Terminal.Note(
            $"{config.PositionEncoding} model of {Quantity.Short(setup.Model.ParameterCount)} parameters, "
            + $"{Quantity.Short(setup.Data.TokenCount)} tokens of text, {options.BlocksPerStep} blocks of {setup.Trainer.BlockLength} tokens a step, "
            + $"{Quantity.Whole(options.MaxSteps)} steps; about {Quantity.Bytes(PlannedMemory(setup))} of memory.");
        string unit = config.IsBilevel ? "segments" : "tokens";
        if (config.RotaryScaling is { } scaling)
        {
            string original = scaling.OriginalMaximumPositions is { } length ? $" of {Quantity.Whole(length)} {unit}" : "";
            Terminal.Note($"Rotary scaling: {scaling.Type}, {scaling.Factor.ToString(CultureInfo.InvariantCulture)} times the original length{original}.");
        }

        if (config.ReadsScores)
        {
            Terminal.Note(
                $"{config.PositionEncoding} reads attention's scores: of the memory, "
                + $"{Quantity.Bytes(ScoreBytes(setup))} hold them, which grow with the square of the block; --recompute keeps one layer's.");
        }

        if (options.PoseLength is { } pose)
        {
            Terminal.Note($"Positions skip, so that blocks show the model {Quantity.Whole(pose)} {unit}.");
        }

        DescribeCorpora(setup);
        if (options.WarmupSteps >= options.MaxSteps)
        {
            Terminal.Note(
                $"The warm-up of {Quantity.Whole(options.WarmupSteps)} steps is as long as the run, so the learning rate never reaches "
                + $"{options.LearningRate.ToString(CultureInfo.InvariantCulture)}; consider --warmup-steps {options.MaxSteps / 20}.");
        }

        if (setup.Tokenizer.VocabularySize <= config.VocabularySize / 2)
        {
            Terminal.Note(
                $"The model has {Quantity.Whole(config.VocabularySize)} token ids (vocab_size), the tokenizer only {Quantity.Whole(setup.Tokenizer.VocabularySize)}: "
                + "the others cost time and memory and are never used.");
        }

        if (setup.Trainer.Step > 0)
        {
            Terminal.Note($"Going on after step {Quantity.Whole(setup.Trainer.Step)}.");
        }
    }

    /// <summary>How often each corpus is read in the whole run.</summary>
    private static void DescribeCorpora(TrainingSetup setup)
    {
        BlockMixture blocks = setup.Trainer.Blocks;
        double all = (double)setup.Trainer.Options.MaxSteps * setup.Trainer.Options.BlocksPerStep;
        foreach ((int number, TrainingSource source) in setup.Data.Sources.Index())
        {
            if (setup.Data.Sources.Count > 1)
            {
                Terminal.Note(
                    $"  {source.Name}: {Quantity.Fixed(100 * blocks.ShareOf(number), 2)} % of the blocks, {Quantity.Short(source.Tokens.TokenCount)} tokens, "
                    + $"read {Quantity.Fixed(all * blocks.ShareOf(number) / blocks.BlockCountOf(number), 2)} times{SegmentsOf(setup.Model.Config, source.Name)}.");
            }
        }
    }

    /// <summary>How a corpus is split, if others are split in another way.</summary>
    private static string SegmentsOf(ModelConfig config, string corpus) =>
        config.NamedSegmenters is null ? "" : $"; {Segmenters.Of(config, corpus).Description}";

    private TrainingSetup Start(ParseResult parsed, ITensorBackend backend, string output, CancellationToken cancellation)
    {
        var source = new ModelSource(
            parsed.GetValue(_config), parsed.GetValue(_model), () => _tokenizer.Open(parsed),
            tokenizer => _segmenters.Resolve(parsed, tokenizer), _scaling.Override(parsed), parsed.GetValue(_encoding));
        _segmenters.RequireNames(parsed, _data.Names(parsed));
        TrainingOptions options = _flags.Apply(parsed, saved: null);
        ITokenizer tokenizer = source.OpenTokenizer();
        return TrainingSetup.Start(
            output, options, tokenizer, () => source.Create(backend, tokenizer, options.Seed), () => _data.OpenNew(parsed, output, tokenizer, cancellation));
    }

    private TrainingSetup Resume(ParseResult parsed, ITensorBackend backend, string output) => TrainingSetup.Resume(
        backend, output, saved => _flags.Apply(parsed, saved), state => _data.OpenAgain(parsed, output, state));

    private void RequireOneModel(CommandResult result)
    {
        if (result.GetValue(_resume))
        {
            foreach (Option option in (Option[])[_config, _model, _encoding, _tokenizer.Option, .. _segmenters.All, .. _scaling.All])
            {
                if (result.GetResult(option) is not null)
                {
                    result.AddError($"With --resume the model is the checkpoint's; leave {option.Name} out");
                }
            }
        }
        else if ((result.GetResult(_config) is null) == (result.GetResult(_model) is null))
        {
            result.AddError("Give either --config for a new model or --model for one to start from");
        }
        else if (result.GetResult(_model) is not null && result.GetResult(_encoding) is not null)
        {
            result.AddError("--encoding is of a new model, and --model has its own; leave --encoding out");
        }
    }
}
