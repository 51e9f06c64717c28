using System.CommandLine;
using System.CommandLine.Parsing;
using BiPE.Cli.Benchmark;
using BiPE.Cli.Benchmark.Steps;
using BiPE.Cli.Benchmark.Suite;
using BiPE.Cli.Console;
using BiPE.Core;
using BiPE.Core.Model;
using BiPE.Core.Tensors;

namespace BiPE.Cli.Commands;

/// <summary><c>bipe bench</c>.</summary>
internal sealed class BenchCommand : BipeCommand
{
    private const string Training = "train";
    private const string Evaluation = "eval";
    private const int DefaultBatchSize = 32;
    private const int DefaultStepBatchSize = 1;

    private readonly Option<bool> _quick = new("--quick") { Description = "Leave out what takes long: about a third of the time." };

    private readonly Option<string?> _config = new("--config")
    {
        Description = $"Measure this model instead: a configuration, as for training, or one of {string.Join(", ", BenchModels.Names)}.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _encoding = new("--encoding")
    {
        Description = "Position encoding of the models. [default: the configuration's, else bipe_rope]",
        HelpName = "NAME",
    };

    private readonly Option<string?> _step = new("--step")
    {
        Description = "Of --config, measure only training steps or evaluations of one block, each by itself, and the memory of the process.",
    };

    private readonly Option<long?> _batchSize = CommonOptions.Integer("--batch-size", "With --config: blocks of a training step; not with --step eval. [default: 32; with --step 1]", 1, 1 << 20);
    private readonly Option<long?> _steps = CommonOptions.Integer("--steps", "With --config: training steps, or with --step passes, to time. [default: 10; with --step 5]", 1, 100_000);
    private readonly Option<int[]> _blockSizes = new("--block-size")
    {
        Description = "With --config: block sizes to evaluate at, in tokens, separated by commas; with --step the one of the pass. [default: the model's training length]",
        HelpName = "N,N,..",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = EvalCommand.ParseBlockSizes,
    };

    private readonly Option<string?> _recompute = RecomputeOption.Create("With --config: what training computes again in the backward pass, as for bipe train; not with --step eval. [default: none]");
    private readonly Option<string?> _json = CommonOptions.Json();
    private readonly BackendSelection _backend;

    public BenchCommand()
        : base(
            "bench", "Measures how fast this machine computes: operations and whole passes beside what the processor could do, or one model.",
            "bipe bench",
            "bipe bench --quick --threads 1,2,4 --json bench.json",
            "bipe bench --config config/bipe_rope.json --backend cuda --block-size 1024,2048,4096,8192",
            "bipe bench --step train --config base --encoding bipe_alibi --batch-size 4 --block-size 512 --json")
    {
        _step.AcceptOnlyFromAmong(Training, Evaluation);
        foreach (Option option in (Option[])[_quick, _config, _encoding, _step, _batchSize, _steps, _blockSizes, _recompute, _json])
        {
            Options.Add(option);
        }

        _backend = new BackendSelection(this, takesThreadCounts: true);
        Validators.Add(RequireFittingOptions);
    }

    protected override int Execute(ParseResult parsed, CancellationToken cancellation)
    {
        string? json = parsed.GetValue(_json);
        JsonResult.RequireWritable(json);
        if (parsed.GetValue(_config) is not { } configuration)
        {
            SuiteReport suite = MeasureSuite(parsed, cancellation);
            return Finish(json, suite, () => new SuiteTables(suite).Write());
        }

        ModelConfig config = BenchModels.Read(configuration, parsed.GetValue(_encoding));
        RequireFittingStep(parsed, config);
        if (parsed.GetValue(_step) is { } step)
        {
            StepRate rate = MeasureStep(parsed, step, configuration, config, cancellation);
            return Finish(json, rate, () => Terminal.WriteResult(
                $"{rate.Name}, {rate.Precision}: {Quantity.Whole((long)rate.TokensPerSecond)} tokens/s, {Quantity.Fixed(rate.Seconds, 3)} s "
                + $"({Quantity.Fixed(rate.FastestSeconds, 3)} to {Quantity.Fixed(rate.SlowestSeconds, 3)}), "
                + $"{(rate.PeakResidentBytes is { } bytes ? Quantity.Bytes(bytes) : "unknown")} of memory"), isCompact: true);
        }

        DeviceRates rates = MeasureDevice(parsed, cancellation);

        // Opened again, so that what the model takes is not mixed with what was taken before.
        using ITensorBackend backend = _backend.Open(parsed, isQuiet: true);
        BenchReport report = Measure(parsed, config, backend, rates, cancellation);
        return Finish(json, report, () => Write(report));
    }

    private static int Finish<T>(string? json, T result, Action write, bool isCompact = false)
    {
        if (json != JsonResult.StandardOutput)
        {
            write();
        }

        if (json is not null)
        {
            JsonResult.Write(json, result, isCompact);
        }

        return 0;
    }

    /// <summary>Refuses a training step of more tokens than can be numbered; what memory holds is less, and told by itself.</summary>
    private void RequireFittingStep(ParseResult parsed, ModelConfig config)
    {
        bool isStep = parsed.GetValue(_step) is not null;
        long batchSize = parsed.GetValue(_batchSize) ?? (isStep ? DefaultStepBatchSize : DefaultBatchSize);
        long blockSize = isStep && parsed.GetValue(_blockSizes) is [int given, ..] ? given : config.TrainScale;
        if (batchSize * blockSize > int.MaxValue)
        {
            throw new BipeException(
                $"A step of {Quantity.Whole(batchSize)} blocks (--batch-size) of {Quantity.Whole(blockSize)} tokens (--block-size with --step, else train_scale) has "
                + $"{Quantity.Whole(batchSize * blockSize)} tokens, expected {Quantity.Whole(int.MaxValue)} at most; make one of them smaller.");
        }
    }

    private SuiteReport MeasureSuite(ParseResult parsed, CancellationToken cancellation)
    {
        if (_backend.Name(parsed) is not ("cpu" or BackendRegistry.Automatic))
        {
            throw new BipeException($"Without --config, bench measures the processor; to measure {_backend.Name(parsed)}, name a model with --config.");
        }

        var options = new SuiteOptions(parsed.GetValue(_quick), _backend.ThreadCounts(parsed), parsed.GetValue(_encoding) ?? "bipe_rope", _backend.Precision(parsed));
        return ProgressDisplay.Run("measuring", view => new BenchSuite(options, view, cancellation).Run());
    }

    private StepRate MeasureStep(ParseResult parsed, string step, string name, ModelConfig config, CancellationToken cancellation)
    {
        const int WarmUp = 2;
        int steps = (int)(parsed.GetValue(_steps) ?? 5);
        int blockSize = parsed.GetValue(_blockSizes) is [int given, ..] ? given : config.TrainScale;
        using ITensorBackend backend = _backend.Open(parsed);
        int threads = backend.Info.Name == "cpu" ? _backend.Threads(parsed) : 0;
        return ProgressDisplay.Run("measuring", view =>
        {
            int passes = 0;
            var benchmark = new StepBenchmark(backend, threads, name, config)
            {
                Passed = () => view.Report(new ProgressState(++passes, WarmUp + steps, step)),
            };
            return step == Training
                ? benchmark.Train((int)(parsed.GetValue(_batchSize) ?? DefaultStepBatchSize), blockSize, WarmUp, steps, RecomputeOption.Of(parsed, _recompute) ?? Recompute.None, cancellation)
                : benchmark.Evaluate(blockSize, WarmUp, steps, cancellation);
        });
    }

    private DeviceRates MeasureDevice(ParseResult parsed, CancellationToken cancellation)
    {
        using ITensorBackend backend = _backend.Open(parsed);
        DeviceRates rates = DeviceRates.Measure(backend, cancellation);
        Terminal.Note($"{backend.Info.Device}: {rates.ProductFlops / 1e9:N1} GFLOP/s in products, {Quantity.Bytes(rates.CopyBytes)}/s in copies; training.");
        return rates;
    }

    private BenchReport Measure(
        ParseResult parsed, ModelConfig config, ITensorBackend backend, DeviceRates rates, CancellationToken cancellation)
    {
        int batchSize = (int)(parsed.GetValue(_batchSize) ?? DefaultBatchSize);
        TrainingRate training;
        using (LanguageModel trained = NewModel(backend, config, ModelUse.Training))
        {
            training = ModelBenchmark.Train(
                trained, rates, batchSize, (int)(parsed.GetValue(_steps) ?? 10), RecomputeOption.Of(parsed, _recompute) ?? Recompute.None, cancellation);
        }

        using LanguageModel model = NewModel(backend, config, ModelUse.Evaluation);
        model.Freeze();
        var evaluation = new List<EvaluationRate>();
        foreach (int blockSize in parsed.GetValue(_blockSizes) is { Length: > 0 } sizes ? sizes : [config.TrainScale])
        {
            cancellation.ThrowIfCancellationRequested();
            evaluation.Add(ModelBenchmark.Evaluate(model, rates, blockSize, batchSize * config.TrainScale));
        }

        Terminal.Note("Operations one by one.");
        IReadOnlyList<OperationRate> operations = new OperationBenchmark(backend, rates, config, batchSize).Run(cancellation);
        return new BenchReport(
            backend.Info.Name, backend.Info.Device, config.PositionEncoding, model.ParameterCount, rates, training, evaluation, operations);
    }

    private static LanguageModel NewModel(ITensorBackend backend, ModelConfig config, ModelUse use)
    {
        var model = new LanguageModel(backend, config, use);
        Initialiser.Initialise(model, seed: 1);
        return model;
    }

    private static void Write(BenchReport report)
    {
        Terminal.WriteResult(
            $"{report.Model} model of {Quantity.Short(report.Parameters)} parameters on {report.Backend}, {report.Device}: "
            + $"{report.Rates.ProductFlops / 1e9:N1} GFLOP/s in products, {Quantity.Bytes(report.Rates.CopyBytes)}/s in copies");
        TrainingRate training = report.Training;
        var rates = new ResultTable("pass", "tokens/s", "ms", "share of the product rate");
        rates.AddRow(
            $"training, {training.BatchSize} x {training.BlockSize}", Quantity.Whole((long)training.TokensPerSecond),
            Quantity.Fixed(training.SecondsPerStep * 1e3, 1), Quantity.Percent(training.ShareOfProductRate));
        foreach (EvaluationRate evaluation in report.Evaluation)
        {
            rates.AddRow(
                $"evaluation, {evaluation.Blocks} x {evaluation.BlockSize}", Quantity.Whole((long)evaluation.TokensPerSecond),
                Quantity.Fixed(evaluation.Seconds * 1e3, 1), Quantity.Percent(evaluation.ShareOfProductRate));
        }

        rates.Write();
        Terminal.WriteResult(
            $"Training held {Quantity.Bytes(training.PeakBytes)} at most and took {Quantity.Bytes(training.ReservedBytes)} from the device, "
            + $"{Quantity.Bytes(training.GrowthBytes)} of it after the second step.");
        var operations = new ResultTable("operation", "us", "share of the product rate", "share of the copy rate");
        foreach (OperationRate operation in report.Operations)
        {
            operations.AddRow(
                operation.Name, Quantity.Fixed(operation.Microseconds, 1),
                operation.Flops > 0 ? Quantity.Percent(operation.ShareOfProductRate) : "", Quantity.Percent(operation.ShareOfBandwidth));
        }

        operations.Write();
    }

    private void RequireFittingOptions(CommandResult result)
    {
        bool IsGiven(Option option) => result.GetResult(option) is not null;
        bool hasModel = IsGiven(_config);
        foreach (Option option in (Option[])[_step, _batchSize, _steps, _blockSizes, _recompute])
        {
            if (IsGiven(option) && !hasModel)
            {
                result.AddError($"{option.Name} needs a model; name one with --config");
            }
        }

        if (hasModel && IsGiven(_quick))
        {
            result.AddError("--quick is for the measurements without --config; leave it out");
        }

        if (hasModel && _backend.HasSeveralThreadCounts(result))
        {
            result.AddError("--threads takes several numbers only without --config");
        }

        if (IsGiven(_step) && CommonOptions.NamesSeveral(result, _blockSizes))
        {
            result.AddError("--step measures at one --block-size");
        }

        bool evaluates = result.GetResult(_step)?.Tokens is [{ Value: Evaluation }];
        if (evaluates && result.GetResult(_batchSize)?.Tokens is [{ Value: not "1" }])
        {
            result.AddError("--step eval evaluates one block at a time; leave --batch-size out");
        }

        if (evaluates && IsGiven(_recompute))
        {
            result.AddError("--step eval has no backward pass to compute again in; leave --recompute out");
        }
    }
}
