using System.CommandLine;
using BiPE.Cli.Benchmark;
using BiPE.Cli.Console;
using BiPE.Core.Model;
using BiPE.Core.Tensors;

namespace BiPE.Cli.Commands;

/// <summary><c>bipe bench</c>.</summary>
internal sealed class BenchCommand : BipeCommand
{
    private readonly Option<string> _config = new("--config")
    {
        Description = "Configuration of the model, as for training.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<long?> _batchSize = CommonOptions.Integer("--batch-size", "Blocks of a training step. [default: 32]", 1, 1 << 20);
    private readonly Option<long?> _steps = CommonOptions.Integer("--steps", "Training steps to time. [default: 10]", 1, 100_000);
    private readonly Option<int[]> _blockSizes = new("--block-size")
    {
        Description = "Block sizes to evaluate at, in tokens, separated by commas. [default: the model's training length]",
        HelpName = "N,N,..",
        CustomParser = EvalCommand.ParseBlockSizes,
    };

    private readonly Option<bool> _recompute = new("--recompute") { Description = "Keep only the layers' inputs in training, as bipe train does with it." };
    private readonly Option<string?> _json = CommonOptions.Json();
    private readonly BackendSelection _backend;

    public BenchCommand()
        : base(
            "bench", "Measures how fast a model trains and is evaluated, and the operations one by one.",
            "bipe bench --config config/bipe_rope.json --block-size 1024,2048,4096,8192",
            "bipe bench --config config/tiny_rope.json --batch-size 4 --backend cpu --json bench.json")
    {
        foreach (Option option in (Option[])[_config, _batchSize, _steps, _blockSizes, _recompute, _json])
        {
            Options.Add(option);
        }

        _backend = new BackendSelection(this);
    }

    protected override int Execute(ParseResult parsed, CancellationToken cancellation)
    {
        string? json = parsed.GetValue(_json);
        JsonResult.RequireWritable(json);
        ModelConfig config = ModelConfigReader.Read(parsed.GetRequiredValue(_config));
        DeviceRates rates = MeasureDevice(parsed);

        // Opened again, so that what the model takes is not mixed with what was taken before.
        using ITensorBackend backend = _backend.Open(parsed, isQuiet: true);
        BenchReport report = Measure(parsed, config, backend, rates, cancellation);
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

    private DeviceRates MeasureDevice(ParseResult parsed)
    {
        using ITensorBackend backend = _backend.Open(parsed);
        DeviceRates rates = DeviceRates.Measure(backend);
        Terminal.Note($"{backend.Info.Device}: {Quantity.Short(rates.ProductFlops)}FLOP/s in products, {Quantity.Bytes(rates.CopyBytes)}/s in copies; training.");
        return rates;
    }

    private BenchReport Measure(
        ParseResult parsed, ModelConfig config, ITensorBackend backend, DeviceRates rates, CancellationToken cancellation)
    {
        int batchSize = (int)(parsed.GetValue(_batchSize) ?? 32);
        using var model = new LanguageModel(backend, config);
        Initialiser.Initialise(model, seed: 1);
        TrainingRate training = ModelBenchmark.Train(
            model, rates, batchSize, (int)(parsed.GetValue(_steps) ?? 10), parsed.GetValue(_recompute), cancellation);
        var evaluation = new List<EvaluationRate>();
        foreach (int blockSize in parsed.GetValue(_blockSizes) is { Length: > 0 } sizes ? sizes : [config.TrainScale])
        {
            cancellation.ThrowIfCancellationRequested();
            evaluation.Add(ModelBenchmark.Evaluate(model, rates, blockSize, batchSize * config.TrainScale));
        }

        Terminal.Note("Operations one by one.");
        IReadOnlyList<OperationRate> operations = new OperationBenchmark(backend, rates, config, batchSize).Run();
        return new BenchReport(
            backend.Info.Name, backend.Info.Device, config.PositionEncoding, model.ParameterCount, rates, training, evaluation, operations);
    }

    private static void Write(BenchReport report)
    {
        Terminal.WriteResult(
            $"{report.Model} model of {Quantity.Short(report.Parameters)} parameters on {report.Backend}, {report.Device}: "
            + $"{Quantity.Short(report.Rates.ProductFlops)}FLOP/s in products, {Quantity.Bytes(report.Rates.CopyBytes)}/s in copies");
        TrainingRate training = report.Training;
        var rates = new ResultTable("pass", "tokens/s", "ms", "share of the product rate");
        rates.AddRow(
            $"training, {training.BatchSize} x {training.BlockSize}", Quantity.Whole((long)training.TokensPerSecond),
            Quantity.Fixed(training.SecondsPerStep * 1e3, 1), Percent(training.ShareOfProductRate));
        foreach (EvaluationRate evaluation in report.Evaluation)
        {
            rates.AddRow(
                $"evaluation, {evaluation.Blocks} x {evaluation.BlockSize}", Quantity.Whole((long)evaluation.TokensPerSecond),
                Quantity.Fixed(evaluation.Seconds * 1e3, 1), Percent(evaluation.ShareOfProductRate));
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
                operation.Flops > 0 ? Percent(operation.ShareOfProductRate) : "", operation.Bytes > 0 ? Percent(operation.ShareOfBandwidth) : "");
        }

        operations.Write();
    }

    private static string Percent(double share) => $"{Quantity.Fixed(share * 100, 1)} %";
}
