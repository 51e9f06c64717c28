using System.CommandLine;
using System.Globalization;
using BiPE.Cli.Console;
using BiPE.Core;
using BiPE.Core.Checkpoints;
using BiPE.Core.Model;

namespace BiPE.Cli.Commands;

/// <summary><c>bipe inspect</c>.</summary>
internal sealed class InspectCommand : BipeCommand
{
    private readonly Option<string> _model = new("--model")
    {
        Description = "Folder of the model.",
        HelpName = "DIR",
        Required = true,
    };

    private readonly Option<bool> _tensors = new("--tensors") { Description = "List every tensor with its shape, type and file." };
    private readonly Option<string?> _json = CommonOptions.Json();

    public InspectCommand()
        : base(
            "inspect",
            "Shows what a model's folder holds, without loading weights: architecture, parameters, encoding, files, and whether it would load.",
            "bipe inspect --model runs/bipe_rope",
            "bipe inspect --model BiPE_RoPE-151M --tensors",
            "bipe inspect --model BiPE_RoPE-151M --json")
    {
        Options.Add(_model);
        Options.Add(_tensors);
        Options.Add(_json);
    }

    protected override int Execute(ParseResult parsed, CancellationToken cancellation)
    {
        string? json = parsed.GetValue(_json);
        JsonResult.RequireWritable(json);
        CheckpointReport report = CheckpointReport.Of(parsed.GetRequiredValue(_model));
        if (json != JsonResult.StandardOutput)
        {
            Write(report, parsed.GetValue(_tensors));
        }

        if (json is not null)
        {
            JsonResult.Write(json, report);
        }

        return report.Loads ? 0 : throw new BipeException($"The model would not load: {string.Join(" ", report.Problems)}");
    }

    private static void Write(CheckpointReport report, bool listsTensors)
    {
        if (report.Config is { } config)
        {
            Terminal.WriteResult($"Architecture: {Architecture(config)}");
            Terminal.WriteResult($"Encoding: {Encoding(config)}");
        }

        if (report.Parameters is { } parameters)
        {
            WriteParameters(parameters, report.Config!.TieWordEmbeddings);
        }

        if (report.Format is { } format)
        {
            string types = string.Join(", ", report.ElementTypes.Select(type => $"{Quantity.Whole(type.Value)} elements of {type.Key}"));
            Terminal.WriteResult($"Weights: {format}, {report.Tensors.Count} tensors, {types}");
            var files = new ResultTable("file", "bytes");
            foreach ((string name, long bytes) in report.Files)
            {
                files.AddRow(name, Quantity.Whole(bytes));
            }

            files.Write();
        }

        if (listsTensors)
        {
            var tensors = new ResultTable("tensor", "shape", "type", "file");
            foreach (StoredTensor tensor in report.Tensors)
            {
                tensors.AddRow(tensor.Name, $"[{string.Join(", ", tensor.Shape)}]", tensor.Type, Path.GetFileName(tensor.File));
            }

            tensors.Write();
        }

        Terminal.WriteResult($"Would load: {(report.Loads ? "yes" : "no")}");
    }

    private static string Architecture(ModelConfig config)
    {
        string biases = (config.AttentionBias, config.MlpBias) switch
        {
            (true, true) => "biases in attention and MLP",
            (true, false) => "biases in attention",
            (false, true) => "biases in the MLP",
            _ => "no biases",
        };
        return $"{config.LayerCount} layers, hidden size {config.HiddenSize}, intermediate size {config.IntermediateSize}, {config.HeadCount} heads of "
            + $"{config.HeadDimension} with {config.KeyValueHeadCount} key/value heads, vocabulary {Quantity.Whole(config.VocabularySize)}, "
            + $"{config.MaximumPositions} positions, {(config.TieWordEmbeddings ? "tied" : "separate")} embedding and head, {biases}";
    }

    private static string Encoding(ModelConfig config)
    {
        var parts = new List<string> { config.PositionEncoding };
        if (config.HasRotaryEncoding)
        {
            parts.Add($"rope_theta {Number(config.RotaryBase)}");
            parts.Add(config.RotaryScaling is { } scaling ? $"rope_scaling {scaling.Type} by {Number(scaling.Factor)}" : "no rope_scaling");
        }

        parts.Add($"train_scale {config.TrainScale}");
        parts.Add(config.LogScale ? "log_scale" : "no log_scale");
        parts.Add(config.Segmenter?.Description ?? "segments end at the reference's separators (13, 869)");
        parts.AddRange((config.NamedSegmenters ?? new Dictionary<string, SegmenterConfig>()).Select(named => $"on '{named.Key}' {named.Value.Description}"));
        foreach ((string name, double value) in (config.AttentionOptions ?? new Dictionary<string, double>()).Concat(config.EmbeddingOptions ?? new Dictionary<string, double>()))
        {
            parts.Add($"{name} {Number(value)}");
        }

        return string.Join(", ", parts);
    }

    private static void WriteParameters(ParameterCounts parameters, bool isTied)
    {
        var table = new ResultTable("parameters", "count", "share");
        foreach ((ParameterGroup group, long count) in parameters.Groups)
        {
            table.AddRow(NameOf(group, isTied), Quantity.Whole(count), $"{Quantity.Fixed(100.0 * count / parameters.Total, 1)}%");
        }

        table.AddRow("all but embedding and head", Quantity.Whole(parameters.WithoutEmbeddingAndHead), "");
        table.AddRow("all", Quantity.Whole(parameters.Total), "100%");
        table.Write();
        Terminal.WriteResult(
            $"All in units of 10^9: {Quantity.Fixed(parameters.Total / 1e9, 4)}; in units of 2^30: {Quantity.Fixed(parameters.TotalInBinaryUnits, 4)}");
    }

    private static string NameOf(ParameterGroup group, bool isTied) => group switch
    {
        ParameterGroup.Embedding => isTied ? "token embedding, also the head" : "token embedding",
        ParameterGroup.IntraSegmentEmbedding => "intra-segment embedding",
        ParameterGroup.PositionEncoding => "position encoding",
        ParameterGroup.Attention => "attention",
        ParameterGroup.Mlp => "MLP",
        ParameterGroup.Norms => "norms",
        _ => "head",
    };

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
}
