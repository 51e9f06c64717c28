using System.CommandLine;
using System.Numerics;
using BiPE.Cli.Console;
using BiPE.Cli.Report;
using BiPE.Core.Evaluation.Results;

namespace BiPE.Cli.Commands;

/// <summary>The options that say how an evaluation is shown: <c>--per-position</c>, <c>--json</c>, <c>--csv</c>, <c>--markdown</c>, <c>--report</c>; and the showing.</summary>
internal sealed class EvaluationOutput
{
    /// <summary>Name of the option for comma-separated values.</summary>
    public const string CsvName = "--csv";

    private readonly Option<bool> _perPosition = new("--per-position")
    {
        Description = "Show the loss by position in the block too, to see where a model breaks down.",
    };

    private readonly Option<bool> _markdown = new("--markdown")
    {
        Description = "Print all numbers as one Markdown table for pasting, instead of perplexities alone.",
    };

    private readonly Option<string?> _csv = new(CsvName)
    {
        Description = "Write all numbers as comma-separated values to FILE; with --per-position, losses by position to FILE.positions.csv.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _report = new("--report")
    {
        Description = "Folder for a page with charts, and for the charts as PNG and SVG; 'bipe report' makes it of a results file.",
        HelpName = "DIR",
    };

    private readonly Option<string?> _json = CommonOptions.Json();

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    public EvaluationOutput(Command command)
    {
        command.Options.Add(_perPosition);
        command.Options.Add(_markdown);
        command.Options.Add(_csv);
        command.Options.Add(_report);
        command.Options.Add(_json);
    }

    /// <summary>The file of losses by position beside one of all numbers.</summary>
    /// <param name="csv">What <c>--csv</c> was given.</param>
    public static string PositionsOf(string csv) => $"{csv}.positions.csv";

    /// <summary>Refuses files that cannot be written, before the work for them is done.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <exception cref="Core.BipeException">A file is a folder, or cannot be written, or is a results file.</exception>
    public void RequireWritable(ParseResult parsed)
    {
        JsonResult.RequireWritable(parsed.GetValue(_json));
        CsvResult.RequireWritable(parsed.GetValue(_csv));
        if (parsed.GetValue(_perPosition) && parsed.GetValue(_csv) is { } csv)
        {
            CsvResult.RequireWritable(PositionsOf(csv));
        }

        EvaluationReport.RequireFolder(parsed.GetValue(_report), "--report");
    }

    /// <summary>Shows records.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <param name="records">The records, those of one model and set together.</param>
    /// <param name="json">Puts the numbers of models into the object that <c>--json</c> writes.</param>
    public void Write(ParseResult parsed, IReadOnlyList<EvaluationRecord> records, Func<IReadOnlyList<ModelEvaluation>, object> json)
    {
        string? target = parsed.GetValue(_json);
        bool perPosition = parsed.GetValue(_perPosition);
        IReadOnlyList<ModelEvaluation> models = ModelEvaluation.Group(records, perPosition);
        if (target != JsonResult.StandardOutput)
        {
            WriteTables(models, parsed.GetValue(_markdown), perPosition);
        }

        // First, because standard output does not fail and has everything.
        if (target is not null)
        {
            JsonResult.Write(target, json(models));
        }

        if (parsed.GetValue(_csv) is { } csv)
        {
            WriteCsv(csv, models, perPosition);
        }

        if (parsed.GetValue(_report) is { } folder)
        {
            EvaluationReport.Write(folder, records);
        }
    }

    private static void WriteTables(IReadOnlyList<ModelEvaluation> models, bool asMarkdown, bool perPosition)
    {
        string[] names = ModelNames.Short([.. models.Select(model => model.Model).Distinct()]);
        if (asMarkdown)
        {
            AllNumbers(models, names).WriteMarkdown(StandardStreams.Output);
        }
        else
        {
            WritePerplexities(models, names);
        }

        if (perPosition)
        {
            WritePositions(models, names);
        }

        foreach (BlockSizeResult few in models.SelectMany(model => model.Results).Where(result => result.IntervalIsReliable == false).Take(1))
        {
            Terminal.Note($"Intervals of only {few.IntervalDocuments} documents are too narrow to rely on; {LossInterval.FewestReliable} or more would do.");
        }
    }

    private static void WritePerplexities(IReadOnlyList<ModelEvaluation> models, string[] names)
    {
        ILookup<string, ModelEvaluation> sets = models.ToLookup(model => model.Set);
        foreach (IGrouping<string, ModelEvaluation> set in sets)
        {
            string protocol = set.First().Results[0].Protocol;
            Terminal.WriteResult(sets.Count == 1 ? $"Perplexity (protocol {protocol})" : $"Perplexity on {set.Key} (protocol {protocol})");
            var table = new ResultTable("block size", names);
            foreach ((int row, BlockSizeResult result) in set.First().Results.Index())
            {
                table.AddRow([Quantity.Whole(result.BlockSize), .. set.Select(model => WithInterval(model.Results[row]))]);
            }

            table.Write();
        }
    }

    private static ResultTable AllNumbers(IReadOnlyList<ModelEvaluation> models, string[] names)
    {
        var table = new ResultTable(
            "model", "set", "protocol", "block size", "perplexity", "95% interval", "bits per byte", "tokens scored", "tokens/s", "peak memory");
        string[] folders = [.. models.Select(model => model.Model).Distinct()];
        foreach (ModelEvaluation model in models)
        {
            foreach (BlockSizeResult result in model.Results)
            {
                table.AddRow(
                    names[Array.IndexOf(folders, model.Model)],
                    model.Set,
                    result.Protocol,
                    Quantity.Whole(result.BlockSize),
                    Quantity.Fixed(result.Perplexity, 4),
                    Interval(result) ?? "one document",
                    result.BitsPerByte is { } bits ? Quantity.Fixed(bits, 4) : "tokenizer unknown",
                    Quantity.Whole(result.ScoredTokens),
                    Quantity.Short(result.TokensPerSecond),
                    result.PeakBytes is { } bytes ? Quantity.Bytes(bytes) : "unknown");
            }
        }

        return table;
    }

    /// <summary>Rows of doubling positions and the last; JSON and CSV have all of them.</summary>
    private static void WritePositions(IReadOnlyList<ModelEvaluation> models, string[] names)
    {
        ILookup<string, ModelEvaluation> sets = models.ToLookup(model => model.Set);
        foreach (IGrouping<string, ModelEvaluation> set in sets)
        {
            foreach ((int row, BlockSizeResult first) in set.First().Results.Index())
            {
                string place = sets.Count == 1 ? "" : $" on {set.Key}";
                Terminal.WriteResult($"Loss in nats and its standard error by position in blocks of {Quantity.Whole(first.BlockSize)}{place}");
                var table = new ResultTable("position", names);
                foreach (PositionLoss bin in first.Positions!.Where(bin => HoldsPowerOfTwo(bin) || bin == first.Positions![^1]))
                {
                    IEnumerable<string> cells = set.Select(model => Cell(model.Results[row].Positions!.FirstOrDefault(other => other.First == bin.First)));
                    table.AddRow([bin.First == bin.Last ? Quantity.Whole(bin.First) : $"{Quantity.Whole(bin.First)} to {Quantity.Whole(bin.Last)}", .. cells]);
                }

                table.Write();
            }
        }

        static string Cell(PositionLoss? bin) => bin switch
        {
            null => "",
            { StandardError: { } error } => $"{Quantity.Fixed(bin.MeanLoss, 4)} ± {Quantity.Fixed(error, 4)}",
            _ => Quantity.Fixed(bin.MeanLoss, 4),
        };
    }

    private static bool HoldsPowerOfTwo(PositionLoss bin) => BitOperations.RoundUpToPowerOf2((uint)bin.First) <= bin.Last;

    private static void WriteCsv(string path, IReadOnlyList<ModelEvaluation> models, bool perPosition)
    {
        var table = new List<IReadOnlyList<object?>>
        {
            new object?[]
            {
                "model", "positionEncoding", "parameters", "set", "protocol", "blockSize", "blocks", "scoredTokens", "meanLoss", "perplexity", "perplexityLow",
                "perplexityHigh", "intervalDocuments", "bitsPerByte", "scoredBytes", "seconds", "tokensPerSecond", "peakBytes",
            },
        };
        var positions = new List<IReadOnlyList<object?>>
        {
            new object?[] { "model", "set", "protocol", "blockSize", "first", "last", "tokens", "meanLoss", "standardError" },
        };
        foreach (ModelEvaluation model in models)
        {
            foreach (BlockSizeResult r in model.Results)
            {
                table.Add([
                    model.Model, model.PositionEncoding, model.Parameters, model.Set, r.Protocol, r.BlockSize, r.Blocks, r.ScoredTokens, r.MeanLoss, r.Perplexity,
                    r.PerplexityLow, r.PerplexityHigh, r.IntervalDocuments, r.BitsPerByte, r.ScoredBytes, r.Seconds, r.TokensPerSecond, r.PeakBytes,
                ]);
                positions.AddRange((r.Positions ?? []).Select(bin => (IReadOnlyList<object?>)
                    [model.Model, model.Set, r.Protocol, r.BlockSize, bin.First, bin.Last, bin.Tokens, bin.MeanLoss, bin.StandardError]));
            }
        }

        CsvResult.Write(path, table);
        if (perPosition)
        {
            CsvResult.Write(PositionsOf(path), positions);
        }
    }

    private static string WithInterval(BlockSizeResult result)
    {
        string perplexity = Quantity.Fixed(result.Perplexity, 4);
        return Interval(result) is { } interval ? $"{perplexity} ({interval})" : perplexity;
    }

    private static string? Interval(BlockSizeResult result) => result is { PerplexityLow: { } low, PerplexityHigh: { } high }
        ? $"{Quantity.Fixed(low, 2)} to {Quantity.Fixed(high, 2)}{(result.IntervalIsReliable == false ? " ?" : "")}"
        : null;
}
