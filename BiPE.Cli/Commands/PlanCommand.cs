using System.CommandLine;
using BiPE.Cli.Console;
using BiPE.Core.Model;
using BiPE.Core.Tensors;

namespace BiPE.Cli.Commands;

/// <summary><c>bipe plan</c>.</summary>
internal sealed class PlanCommand : BipeCommand
{
    private const int DefaultBatchSize = 32;

    private readonly Option<string> _config = new("--config")
    {
        Description = "Configuration of the model, as for training.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<long?> _batchSize = CommonOptions.Integer(
        "--batch-size", $"Blocks computed at once. [default: {DefaultBatchSize}]", 1, 1 << 20);

    private readonly Option<string> _type = new("--dtype")
    {
        Description = "What is computed in: bfloat16 as cuda does, float32 as the CPU does.",
        DefaultValueFactory = _ => "bfloat16",
    };

    private readonly Option<string?> _json = CommonOptions.Json();

    public PlanCommand()
        : base(
            "plan", "Tells how much memory a training takes, with and without --recompute, and allocates nothing.",
            "bipe plan --config config/bipe_rope_1.6b.json",
            "bipe plan --config config/bipe_rope.json --batch-size 8 --dtype float32 --json")
    {
        _type.AcceptOnlyFromAmong("bfloat16", "float32");
        foreach (Option option in (Option[])[_config, _batchSize, _type, _json])
        {
            Options.Add(option);
        }
    }

    protected override int Execute(ParseResult parsed, CancellationToken cancellation)
    {
        string? json = parsed.GetValue(_json);
        JsonResult.RequireWritable(json);
        ModelConfig config = ModelConfigReader.Read(parsed.GetRequiredValue(_config));
        int batchSize = (int)(parsed.GetValue(_batchSize) ?? DefaultBatchSize);
        ElementType type = parsed.GetRequiredValue(_type) == "float32" ? ElementType.Float32 : ElementType.BFloat16;
        var report = new PlanReport(
            config.PositionEncoding, ParameterCounts.Of(config).Total, batchSize, config.TrainScale, type.ToString(),
            MemoryPlan.ForTraining(config, batchSize, Recompute.None, type),
            MemoryPlan.ForTraining(config, batchSize, Recompute.FeedForward, type),
            MemoryPlan.ForTraining(config, batchSize, Recompute.Layers, type));
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

    private static void Write(PlanReport report)
    {
        Terminal.WriteResult(
            $"{report.Model} model of {Quantity.Short(report.ParameterCount)} parameters, {report.BatchSize} x {report.BlockSize} tokens at once, in {report.ActivationType}:");
        var table = new ResultTable("memory for", "every layer kept", "--recompute feed-forward", "--recompute layers");
        AddRow("weights", plan => plan.Parameters);
        AddRow("gradients", plan => plan.Gradients);
        AddRow("moments", plan => plan.Moments);
        AddRow("activations", plan => plan.Activations);
        AddRow("working", plan => plan.Working);
        AddRow("all", plan => plan.All);
        AddRow("most at once", plan => plan.Total);
        table.Write();

        void AddRow(string name, Func<MemoryPlan, long> bytes) =>
            table.AddRow(name, Quantity.Bytes(bytes(report.Keeping)), Quantity.Bytes(bytes(report.RecomputingFeedForward)), Quantity.Bytes(bytes(report.Recomputing)));
    }
}
