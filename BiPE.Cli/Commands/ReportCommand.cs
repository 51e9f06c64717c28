using System.CommandLine;
using BiPE.Cli.Report;

namespace BiPE.Cli.Commands;

/// <summary><c>bipe report</c>.</summary>
internal sealed class ReportCommand : BipeCommand
{
    private readonly Argument<string[]> _files = new("results")
    {
        Description = "Results files of 'bipe eval --results'.",
        HelpName = "FILE",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string> _out = new("--out")
    {
        Description = "Folder for the report: index.html, and the charts as PNG and SVG, light and dark.",
        HelpName = "DIR",
        Required = true,
    };

    private readonly Option<string[]> _models = new("--model")
    {
        Description = "Only these models, by their folders or the folders' own names.",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = true,
    };

    public ReportCommand()
        : base(
            "report",
            "Makes a page with charts of perplexity by context length, and pictures of them, from results files.",
            "bipe report results.jsonl --out report",
            "bipe report rope.jsonl bipe_rope.jsonl --out report",
            "bipe report results.jsonl --model rope bipe_rope --out report")
    {
        Arguments.Add(_files);
        Options.Add(_out);
        Options.Add(_models);
    }

    protected override int Execute(ParseResult parsed, CancellationToken cancellation)
    {
        string folder = parsed.GetRequiredValue(_out);
        EvaluationReport.RequireFolder(folder, "--out");
        IReadOnlyList<ComparedModel> models = [.. parsed.GetRequiredValue(_files).SelectMany(ComparedModel.Read)];
        IEnumerable<ComparedModel> chosen = parsed.GetValue(_models) is { Length: > 0 } names
            ? names.Select(name => ComparedModel.Find(models, name))
            : models;
        EvaluationReport.Write(folder, [.. chosen.SelectMany(model => model.Records)]);
        return 0;
    }
}
