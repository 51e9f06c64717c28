using BiPE.Cli.Commands;
using BiPE.Core.Evaluation.Results;

namespace BiPE.Cli.Report;

/// <summary>The charts of evaluations: for each set and protocol, perplexity by block size and loss by position.</summary>
internal static class EvaluationCharts
{
    /// <summary>Perplexities up to this many times the worst within the training length are shown; those beyond leave the chart.</summary>
    private const double Explosion = 3;

    /// <summary>Ends of a 95% interval in standard errors.</summary>
    private const double Deviations = 1.96;

    /// <summary>Makes the charts.</summary>
    /// <param name="records">Finished evaluations; of two that differ in nothing but their model's weights or their text the later counts.</param>
    /// <returns>For each set and way of evaluating its name and charts, each with the start of a file name.</returns>
    public static IReadOnlyList<(string Heading, IReadOnlyList<(string File, Chart Chart)> Charts)> Of(IReadOnlyList<EvaluationRecord> records)
    {
        string[] models = [.. records.Select(record => record.Model.Name).Distinct()];
        string[] names = ModelNames.Short(models);
        var groups = records.GroupBy(record => (Set: record.Data.Name, Way: WayOf(record.Settings))).ToList();
        var files = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var result = new List<(string, IReadOnlyList<(string, Chart)>)>();
        foreach (var group in groups)
        {
            EvaluationRecord[] evaluations =
            [
                .. group.GroupBy(record => (record.Model.Name, record.Settings.BlockSize)).Select(same => same.Last()).OrderBy(record => record.Settings.BlockSize),
            ];
            string[][] ways = [.. groups.Where(other => other.Key.Set == group.Key.Set).Select(other => WordsOf(other.Key.Way))];
            string[] differing = [.. WordsOf(group.Key.Way).Where((words, index) => ways.Any(other => other[index] != words))];
            string heading = string.Join(", ", differing.Prepend(group.Key.Set));
            string file = FileName(ways.Length == 1 ? group.Key.Set : $"{group.Key.Set}-{group.First().Settings.Protocol}", files);
            var charts = new List<(string, Chart)> { ($"perplexity-{file}", Lengths(evaluations, models, names)) };
            if (Positions(evaluations, models, names) is { } positions)
            {
                charts.Add(($"positions-{file}", positions));
            }

            result.Add((heading, charts));
        }

        return result;
    }

    /// <summary>A protocol with its numbers.</summary>
    /// <param name="settings">Settings of an evaluation.</param>
    public static string Words(EvaluationSettings settings) =>
        settings.Protocol
        + (settings.Stride is { } stride ? $", stride {stride}" : "")
        + (settings.LastTokens is { } last ? $" {last}" : "")
        + (settings.WithinDocuments ? ", within documents" : "");

    /// <summary>What decides the numbers of an evaluation besides model, set and block size.</summary>
    private static (string Protocol, long? MaximumTokens, int? LongestBlock, string Precision) WayOf(EvaluationSettings settings) =>
        (Words(settings), settings.MaximumTokens, settings.LongestBlock, settings.Precision);

    private static string[] WordsOf((string Protocol, long? MaximumTokens, int? LongestBlock, string Precision) way) =>
    [
        $"protocol {way.Protocol}",
        way.MaximumTokens is { } most ? $"first {most:N0} tokens" : "all tokens",
        way.LongestBlock is { } longest ? $"up to {longest:N0} tokens of context" : "",
        way.Precision,
    ];

    private static Chart Lengths(EvaluationRecord[] evaluations, string[] models, string[] names)
    {
        double[] trained = [.. evaluations.Select(record => (double)record.Model.TrainLength).Distinct().Order()];
        double[] within = [.. evaluations.Where(record => record.Settings.BlockSize <= record.Model.TrainLength).Select(record => record.Result.Perplexity)];
        double[] all = [.. within.Length > 0 ? within : evaluations.Select(record => record.Result.Perplexity)];
        return new Chart(
            "Perplexity by context length", "tokens of a block", "perplexity", Series(evaluations, models, names, ofModel =>
            [
                .. ofModel.Select(record => new ChartSample(
                    record.Settings.BlockSize, record.Result.Perplexity,
                    record.Result.Interval is { } low ? Math.Exp(low.Low) : null, record.Result.Interval is { } high ? Math.Exp(high.High) : null)),
            ]))
        {
            IsLogarithmic = true,
            HasMarkers = true,
            HorizontalTicks = [.. evaluations.Select(record => (double)record.Settings.BlockSize).Distinct().Order()],
            Marks = trained,
            HighestNeeded = within.Length > 0 ? Explosion * all.Where(double.IsFinite).DefaultIfEmpty(1).Max() : double.PositiveInfinity,
        };
    }

    private static Chart? Positions(EvaluationRecord[] evaluations, string[] models, string[] names)
    {
        // Every model at the longest block that all have, so that the curves can be compared.
        int[] shared = [.. evaluations.GroupBy(record => record.Settings.BlockSize)
            .Where(group => group.Select(record => record.Model.Name).Distinct().Count() == evaluations.Select(record => record.Model.Name).Distinct().Count())
            .Select(group => group.Key)];
        if (shared.Length == 0)
        {
            return null;
        }

        EvaluationRecord[] longest = [.. evaluations.Where(record => record.Settings.BlockSize == shared.Max() && record.Positions.Count > 1)];
        return longest.Length == 0
            ? null
            : new Chart(
                $"Loss by position, blocks of {shared.Max():N0}", "position in the block, in tokens", "loss in nats",
                Series(longest, models, names, ofModel => [.. ofModel.SelectMany(record => record.Positions).Select(Sample)]))
            {
                Marks = [.. longest.Select(record => (double)record.Model.TrainLength).Distinct().Where(length => length <= shared.Max())],
            };
    }

    private static ChartSample Sample(PositionLoss loss)
    {
        double? error = loss.StandardError is { } one ? Deviations * one : null;
        return new ChartSample(Math.Sqrt((double)loss.First * loss.Last), loss.MeanLoss, loss.MeanLoss - error, loss.MeanLoss + error);
    }

    private static List<ChartSeries> Series(
        EvaluationRecord[] evaluations, string[] models, string[] names, Func<IEnumerable<EvaluationRecord>, IReadOnlyList<ChartSample>> samples) =>
    [
        .. evaluations.GroupBy(record => record.Model.Name).Select(group => (Index: Array.IndexOf(models, group.Key), Records: group))
            .OrderBy(model => model.Index).Select(model => new ChartSeries(names[model.Index], model.Index, samples(model.Records))),
    ];

    private static string FileName(string text, HashSet<string> taken)
    {
        string separated = string.Concat(Path.GetFileName(text).Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : ' '));
        string plain = string.Join('-', separated.Split(' ', StringSplitOptions.RemoveEmptyEntries).DefaultIfEmpty("set"));
        string name = plain;
        for (int i = 2; !taken.Add(name); i++)
        {
            name = $"{plain}-{i}";
        }

        return name;
    }
}
