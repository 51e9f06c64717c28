using BiPE.Cli.Console;
using BiPE.Core.Evaluation.Results;

namespace BiPE.Cli.Study;

/// <summary>The table of a study: an encoding a row, a length a column.</summary>
internal static class StudyTable
{
    /// <summary>Makes the table.</summary>
    /// <param name="encodings">Names of the encodings with their evaluations.</param>
    /// <param name="trainLength">Tokens of a training block.</param>
    public static ResultTable Of(IReadOnlyList<(string Encoding, EvaluationRecord[] Records)> encodings, int trainLength)
    {
        int[] lengths = [.. encodings.SelectMany(pair => pair.Records).Select(record => record.Settings.BlockSize).Distinct().Order()];
        var table = new ResultTable(
            "encoding", ["parameters", .. lengths.Select(length => Heading(length, trainLength)), "longest over trained"]);
        foreach ((string encoding, EvaluationRecord[] records) in encodings)
        {
            table.AddRow([
                encoding,
                Quantity.Whole(records[0].Model.Parameters),
                .. lengths.Select(length => records.FirstOrDefault(record => record.Settings.BlockSize == length) is { } found ? WithInterval(found.Result) : ""),
                Ratio(records, trainLength),
            ]);
        }

        return table;
    }

    private static string Heading(int length, int trainLength) => length % trainLength == 0
        ? $"{Quantity.Whole(length)} ({length / trainLength}x)"
        : Quantity.Whole(length);

    private static string WithInterval(EvaluationNumbers numbers)
    {
        string perplexity = Quantity.Fixed(numbers.Perplexity, 3);
        return numbers.Interval is { } interval
            ? $"{perplexity} ({Quantity.Fixed(Math.Exp(interval.Low), 3)} to {Quantity.Fixed(Math.Exp(interval.High), 3)})"
            : perplexity;
    }

    private static string Ratio(EvaluationRecord[] records, int trainLength)
    {
        EvaluationRecord? trained = records.FirstOrDefault(record => record.Settings.BlockSize == trainLength);
        return trained is null ? "" : Quantity.Fixed(records.MaxBy(record => record.Settings.BlockSize)!.Result.Perplexity / trained.Result.Perplexity, 3);
    }
}
