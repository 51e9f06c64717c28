using System.Globalization;
using System.Xml.Linq;
using BiPE.Cli.Commands;
using BiPE.Cli.Console;
using BiPE.Core.Evaluation.Results;

namespace BiPE.Cli.Report;

/// <summary>The page of a report: one file that needs nothing else.</summary>
internal static class ReportPage
{
    private const string Style = """
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 76rem; background: var(--background); color: var(--text);
               font: 1rem/1.5 system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', 'DejaVu Sans', sans-serif; }
        h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
        h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; overflow-wrap: anywhere; }
        p { margin: .5rem 0; max-width: 46rem; }
        .muted { color: var(--muted); }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1.5rem; }
        .charts svg { width: 100%; height: auto; max-width: 44rem; }
        .scroll { overflow-x: auto; border: 1px solid var(--grid); border-radius: 6px; }
        table { border-collapse: collapse; width: 100%; font-size: .875rem; font-variant-numeric: tabular-nums; }
        th, td { padding: .35rem .75rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--grid); }
        tr:last-child td { border-bottom: 0; }
        th { font-weight: 600; color: var(--muted); }
        th:first-child, td:first-child { text-align: left; position: sticky; left: 0; background: var(--background); }
        th:nth-child(-n+3), td:nth-child(-n+3), .words td, .words th { text-align: left; }
        .words td:last-child { font-family: ui-monospace, 'DejaVu Sans Mono', monospace; }
        @media (max-width: 40rem) { th, td { padding: .35rem .5rem; } th:first-child, td:first-child { min-width: 6.5rem; max-width: 9rem; white-space: normal; overflow-wrap: anywhere; } }
        """;

    /// <summary>Makes the page.</summary>
    /// <param name="records">Finished evaluations.</param>
    /// <param name="sections">Charts.</param>
    public static string Write(IReadOnlyList<EvaluationRecord> records, IReadOnlyList<ReportSection> sections)
    {
        string[] folders = [.. records.Select(record => record.Model.Name).Distinct()];
        string title = $"Perplexity of {Listed(ModelNames.Short(folders))}";
        var body = new XElement("body",
            new XElement("h1", title),
            new XElement("p", new XAttribute("class", "muted"), Summary(records)),
            sections.Select(section => new XElement("section",
                new XElement("h2", section.Heading),
                new XElement("div", new XAttribute("class", "charts"), section.Charts))),
            new XElement("p", new XAttribute("class", "muted"),
                "Bands are 95% intervals: of perplexities by bootstrap over documents, of losses by position from their standard errors with blocks as "
                + "independent units. An arrow at the upper edge stands for a value beyond the chart; the table has it."),
            new XElement("h2", "All numbers"),
            Table(records, folders),
            new XElement("h2", "Models"),
            Models(records),
            new XElement("h2", "Text"),
            Texts(records),
            new XElement("h2", "Settings and machines"),
            Machines(records));
        var head = new XElement("head",
            new XElement("meta", new XAttribute("charset", "utf-8")),
            new XElement("meta", new XAttribute("name", "viewport"), new XAttribute("content", "width=device-width, initial-scale=1")),
            new XElement("meta", new XAttribute("name", "color-scheme"), new XAttribute("content", "light dark")),
            new XElement("title", title),
            new XElement("style",
                $":root {{ {ChartTheme.Light.Variables}}}\n@media (prefers-color-scheme: dark) {{ :root {{ {ChartTheme.Dark.Variables}}} }}\n{Style}\n"));
        return $"<!DOCTYPE html>\n{new XElement("html", new XAttribute("lang", "en"), head, body).ToString(SaveOptions.DisableFormatting)}\n";
    }

    private static string Listed(string[] names) => names.Length switch
    {
        1 => names[0],
        <= 4 => $"{string.Join(", ", names[..^1])} and {names[^1]}",
        _ => $"{names.Length} models",
    };

    private static string Summary(IReadOnlyList<EvaluationRecord> records)
    {
        string[] sets = [.. records.Select(record => record.Data.Name).Distinct()];
        int[] sizes = [.. records.Select(record => record.Settings.BlockSize).Distinct().Order()];
        return $"{records.Count} evaluations on {Listed(sets)}, blocks of {Quantity.Whole(sizes[0])}"
            + (sizes.Length > 1 ? $" to {Quantity.Whole(sizes[^1])}" : "")
            + $" tokens; {Date(records.Max(record => record.Finished))}, bipe {records[^1].Machine.Version}.";
    }

    private static string Date(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static XElement Table(IReadOnlyList<EvaluationRecord> records, string[] folders)
    {
        string[] names = ModelNames.Short(folders);
        return Rows(
            null,
            ["model", "set", "protocol", "most tokens", "precision", "block size", "perplexity", "95% interval", "loss in nats", "bits per byte", "tokens scored", "documents", "tokens/s", "peak memory"],
            records.Select(record =>
            {
                BlockSizeResult result = BlockSizeResult.Of(record, withPositions: false);
                return (IReadOnlyList<string>)
                [
                    names[Array.IndexOf(folders, record.Model.Name)],
                    record.Data.Name,
                    EvaluationCharts.Words(record.Settings),
                    MostTokens(record.Settings),
                    record.Settings.Precision,
                    Quantity.Whole(result.BlockSize),
                    Number(result.Perplexity),
                    result is { PerplexityLow: { } low, PerplexityHigh: { } high } ? $"{Number(low)} to {Number(high)}{(result.IntervalIsReliable == false ? " ?" : "")}" : "one document",
                    Quantity.Fixed(result.MeanLoss, 4),
                    result.BitsPerByte is { } bits ? Quantity.Fixed(bits, 4) : "–",
                    Quantity.Whole(result.ScoredTokens),
                    result.IntervalDocuments is { } documents ? Quantity.Whole(documents) : "1",
                    Quantity.Short(result.TokensPerSecond),
                    result.PeakBytes is { } bytes ? Quantity.Bytes(bytes) : "–",
                ];
            }));
    }

    private static string MostTokens(EvaluationSettings settings) => settings.MaximumTokens is { } most ? Quantity.Whole(most) : "all";

    private static string Number(double perplexity) => perplexity < 1e7 ? Quantity.Fixed(perplexity, perplexity < 1000 ? 4 : 1) : perplexity.ToString("0.0000e+0", CultureInfo.InvariantCulture);

    private static XElement Models(IReadOnlyList<EvaluationRecord> records) => Rows(
        "words", ["model", "position encoding", "parameters", "trained at", "hash"],
        records.Select(record => record.Model).Distinct().Select(model => (IReadOnlyList<string>)
            [model.Name, model.PositionEncoding, Quantity.Whole(model.Parameters), $"{Quantity.Whole(model.TrainLength)} tokens", model.Hash]));

    private static XElement Texts(IReadOnlyList<EvaluationRecord> records) => Rows(
        "words", ["set", "documents read", "tokens read", "hash of the tokens scored"],
        records.Select(record => record.Data).GroupBy(data => (data.Name, data.Documents, data.Tokens)).Select(group => (IReadOnlyList<string>)
            [group.Key.Name, Quantity.Whole(group.Key.Documents), Quantity.Whole(group.Key.Tokens), string.Join(" ", group.Select(data => data.Hash).Distinct())]));

    private static XElement Machines(IReadOnlyList<EvaluationRecord> records) => Rows(
        "words", ["protocol", "most tokens", "precision", "backend", "device", "system", "version"],
        records.Select(record => (
            Protocol: EvaluationCharts.Words(record.Settings),
            Most: MostTokens(record.Settings),
            record.Settings.Precision, record.Machine)).Distinct().Select(row => (IReadOnlyList<string>)
            [
                row.Protocol, row.Most, row.Precision, row.Machine.Backend, row.Machine.Device, row.Machine.OperatingSystem,
                $"bipe {row.Machine.Version}, {row.Machine.Runtime}",
            ]));

    private static XElement Rows(string? kind, string[] header, IEnumerable<IReadOnlyList<string>> rows) => new(
        "div", new XAttribute("class", "scroll"), new XAttribute("tabindex", "0"),
        new XElement("table", kind is null ? null : new XAttribute("class", kind),
            new XElement("thead", new XElement("tr", header.Select(text => new XElement("th", new XAttribute("scope", "col"), text)))),
            new XElement("tbody", rows.Select(row => new XElement("tr", row.Select(text => new XElement("td", text)))))));
}
