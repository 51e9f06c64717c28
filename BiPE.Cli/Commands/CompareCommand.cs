using System.CommandLine;
using BiPE.Cli.Console;
using BiPE.Core;
using BiPE.Core.Evaluation;
using BiPE.Core.Evaluation.Results;

namespace BiPE.Cli.Commands;

/// <summary><c>bipe compare</c>.</summary>
internal sealed class CompareCommand : BipeCommand
{
    private readonly Argument<string[]> _files = new("results")
    {
        Description = "Results files of 'bipe eval --results': one with both models, or one for each.",
        HelpName = "FILE",
        Arity = new ArgumentArity(1, 2),
    };

    private readonly Option<string[]> _models = new("--model")
    {
        Description = "The two models to compare, by their folders or the folders' own names; needed where the files hold more than one each.",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string?> _json = CommonOptions.Json();

    public CompareCommand()
        : base(
            "compare",
            "Compares two models on the same text, document by document, and says whether one is better.",
            "bipe compare rope.jsonl bipe_rope.jsonl",
            "bipe compare results.jsonl --model runs/rope runs/bipe_rope",
            "bipe compare results.jsonl --model rope bipe_rope --json comparison.json")
    {
        Arguments.Add(_files);
        Options.Add(_models);
        Options.Add(_json);
        Validators.Add(result =>
        {
            if (result.GetValue(_models) is { Length: > 0 and not 2 } models)
            {
                result.AddError($"Option '--model' names {models.Length} models, expected 2");
            }
        });
    }

    protected override int Execute(ParseResult parsed, CancellationToken cancellation)
    {
        string? json = parsed.GetValue(_json);
        JsonResult.RequireWritable(json);
        (ComparedModel first, ComparedModel second) = Choose(parsed.GetRequiredValue(_files), parsed.GetValue(_models) ?? []);
        IReadOnlyList<PairedComparison> comparisons = Compare(first, second);
        if (json != JsonResult.StandardOutput)
        {
            WriteTable(first, second, comparisons);
        }

        if (json is not null)
        {
            JsonResult.Write(json, new
            {
                First = first.Name,
                Second = second.Name,
                Comparisons = comparisons.Select(comparison => new
                {
                    Set = comparison.First.Data.Name,
                    comparison.First.Settings.Protocol,
                    comparison.First.Settings.BlockSize,
                    FirstPrecision = comparison.First.Settings.Precision,
                    SecondPrecision = comparison.Second.Settings.Precision,
                    FirstLoss = comparison.First.Result.MeanLoss,
                    SecondLoss = comparison.Second.Result.MeanLoss,
                    comparison.Difference,
                    comparison.Interval,
                    Verdict = $"{comparison.Verdict}",
                    Words = Words(comparison, ModelNames.Short(first.Name, second.Name)),
                }),
            });
        }

        return 0;
    }

    private static (ComparedModel First, ComparedModel Second) Choose(string[] files, string[] names)
    {
        IReadOnlyList<ComparedModel>[] perFile = [.. files.Select(ComparedModel.Read)];
        if (names.Length == 2)
        {
            // With a file for each, the first name is looked for in the first file.
            return (ComparedModel.Find(perFile[0], names[0]), ComparedModel.Find(perFile[^1], names[1]));
        }

        if (perFile.Length == 1)
        {
            return perFile[0].Count == 2
                ? (perFile[0][0], perFile[0][1])
                : throw new BipeException($"'{files[0]}' holds {perFile[0].Count} models ({ComparedModel.Listed(perFile[0])}), expected 2; name two with --model, or give a second file.");
        }

        int crowded = Array.FindIndex(perFile, models => models.Count > 1);
        return crowded < 0
            ? (perFile[0][0], perFile[1][0])
            : throw new BipeException($"'{files[crowded]}' holds {perFile[crowded].Count} models ({ComparedModel.Listed(perFile[crowded])}); name two with --model, the one of the first file first.");
    }

    private static List<PairedComparison> Compare(ComparedModel first, ComparedModel second)
    {
        var comparisons = new List<PairedComparison>();
        var matched = new HashSet<EvaluationRecord>();
        foreach (EvaluationRecord record in first.Records)
        {
            // Of the same text under two names, which may have segmenters of their own, the one so named is meant, and of two precisions the same.
            IEnumerable<EvaluationRecord> possible = second.Records.Where(other => PairedComparison.IsPossible(record, other));
            if (possible.OrderByDescending(other => other.Data.Name == record.Data.Name)
                .ThenByDescending(other => other.Settings.Precision == record.Settings.Precision)
                .ThenBy(matched.Contains)
                .FirstOrDefault() is { } other)
            {
                comparisons.Add(PairedComparison.Of(record, other));
                matched.Add(record);
                matched.Add(other);
            }
        }

        if (comparisons.Count == 0)
        {
            throw new BipeException(
                $"'{first.Name}' and '{second.Name}' have no evaluation in common, with the same tokens, protocol and block size: the first has {Listed(first.Records)}, the second {Listed(second.Records)}.");
        }

        TellUnmatched(first, matched);
        TellUnmatched(second, matched);
        return [.. comparisons.OrderBy(comparison => comparison.First.Data.Name, StringComparer.Ordinal)
            .ThenBy(comparison => comparison.First.Settings.Protocol, StringComparer.Ordinal)
            .ThenBy(comparison => comparison.First.Settings.BlockSize)
            .ThenBy(comparison => comparison.First.Settings.Precision, StringComparer.Ordinal)];
    }

    private static void TellUnmatched(ComparedModel model, HashSet<EvaluationRecord> matched)
    {
        EvaluationRecord[] alone = [.. model.Records.Where(record => !matched.Contains(record))];
        if (alone.Length > 0)
        {
            Terminal.Note($"Only of '{model.Name}' in {model.Source}, so not compared: {Listed(alone)}.");
        }
    }

    private static string Listed(IReadOnlyList<EvaluationRecord> records) =>
        string.Join(", ", records.Select(record => $"{record.Data.Name} ({record.Data.Hash[..6]}) {record.Settings.Protocol} {record.Settings.BlockSize} {record.Settings.Precision}"));

    private static void WriteTable(ComparedModel first, ComparedModel second, IReadOnlyList<PairedComparison> comparisons)
    {
        string[] names = ModelNames.Short(first.Name, second.Name);
        Terminal.WriteResult($"Difference in loss (nats a token), {names[0]} less {names[1]}");
        bool differ = comparisons.SelectMany(comparison => new[] { comparison.First, comparison.Second }).Select(record => record.Settings.Precision).Distinct().Count() > 1;
        string[] precision = differ ? ["precision"] : [];
        var table = new ResultTable("set", ["protocol", "block size", .. precision, names[0], names[1], "difference", "95% interval", "documents", "verdict"]);
        foreach (PairedComparison comparison in comparisons)
        {
            string[] precisions = [.. new[] { comparison.First.Settings.Precision, comparison.Second.Settings.Precision }.Distinct()];
            table.AddRow(
            [
                comparison.First.Data.Name,
                comparison.First.Settings.Protocol,
                Quantity.Whole(comparison.First.Settings.BlockSize),
                .. differ ? [string.Join(" and ", precisions)] : (string[])[],
                Quantity.Fixed(comparison.First.Result.MeanLoss, 4),
                Quantity.Fixed(comparison.Second.Result.MeanLoss, 4),
                Quantity.Fixed(comparison.Difference, 4),
                comparison.Interval is { } interval ? $"{Quantity.Fixed(interval.Low, 4)} to {Quantity.Fixed(interval.High, 4)}" : "",
                Quantity.Whole(comparison.Interval?.Documents ?? 1),
                Words(comparison, names),
            ]);
        }

        table.Write();
    }

    private static string Words(PairedComparison comparison, string[] names)
    {
        string words = comparison.Verdict switch
        {
            ComparisonVerdict.FirstIsBetter => $"{names[0]} is better",
            ComparisonVerdict.SecondIsBetter => $"{names[1]} is better",
            ComparisonVerdict.NoDifferenceDetected => "no difference detected",
            _ => "one document is too few to tell",
        };
        return comparison.Interval is { IsReliable: false } few ? $"{words}, but {few.Documents} documents are few" : words;
    }
}
