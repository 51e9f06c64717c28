using System.Xml.Linq;
using BiPE.Cli.Console;
using BiPE.Core;
using BiPE.Core.Checkpoints;
using BiPE.Core.Evaluation.Results;

namespace BiPE.Cli.Report;

/// <summary>Writes a report of evaluations into a folder: a page, and its charts as SVG and PNG, light and dark.</summary>
internal static class EvaluationReport
{
    /// <summary>Name of the page.</summary>
    public const string PageName = "index.html";

    private static readonly (string Ending, ChartTheme Theme)[] Themes = [("", ChartTheme.Light), ("-dark", ChartTheme.Dark)];

    /// <summary>Refuses a folder that cannot be one, before the work for it is done.</summary>
    /// <param name="folder">The folder, or null.</param>
    /// <param name="option">The option that names it.</param>
    /// <exception cref="BipeException">It is a file.</exception>
    public static void RequireFolder(string? folder, string option)
    {
        if (File.Exists(folder))
        {
            throw new BipeException($"Cannot write a report into '{folder}': it is a file; give {option} the name of a folder.");
        }
    }

    /// <summary>Writes the report.</summary>
    /// <param name="folder">The folder; made if it is not there.</param>
    /// <param name="records">Finished evaluations.</param>
    /// <exception cref="BipeException">A file cannot be written.</exception>
    public static void Write(string folder, IReadOnlyList<EvaluationRecord> records)
    {
        EvaluationRecord[] latest = [.. records.GroupBy(record => record.Key).Select(same => same.Last())];
        var sections = new List<ReportSection>();
        foreach ((string heading, IReadOnlyList<(string File, Chart Chart)> charts) in EvaluationCharts.Of(latest))
        {
            sections.Add(new ReportSection(heading, [.. charts.Select(pair => Svg(pair.Chart, ChartTheme.OfPage))]));
            foreach ((string file, Chart chart) in charts)
            {
                SavePictures(Path.Combine(folder, file), chart);
            }
        }

        AtomicFile.WriteText(Path.Combine(folder, PageName), ReportPage.Write(latest, sections));
        Terminal.Note($"Wrote the report {Path.Combine(folder, PageName)} and its charts as PNG and SVG.");
    }

    private static void SavePictures(string path, Chart chart)
    {
        foreach ((string ending, ChartTheme theme) in Themes)
        {
            AtomicFile.WriteText($"{path}{ending}.svg", $"{Svg(chart, theme)}\n");
            using var bitmap = new BitmapCanvas(ChartDrawing.Width, ChartDrawing.Height);
            ChartDrawing.Draw(chart, bitmap, theme);
            AtomicFile.Write($"{path}{ending}.png", bitmap.Save);
        }
    }

    private static XElement Svg(Chart chart, ChartTheme theme)
    {
        var canvas = new SvgCanvas(ChartDrawing.Width, ChartDrawing.Height, chart.Title, chart.Description);
        ChartDrawing.Draw(chart, canvas, theme);
        return canvas.Root;
    }
}
