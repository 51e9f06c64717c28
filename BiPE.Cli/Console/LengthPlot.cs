using BiPE.Core;
using BiPE.Core.Checkpoints;
using ScottPlot;

namespace BiPE.Cli.Console;

/// <summary>A picture of perplexity against context length, both on logarithmic axes.</summary>
internal static class LengthPlot
{
    private const int Width = 900;
    private const int Height = 560;

    /// <summary>Pixels left of the axis: tick labels and the axis' name side by side.</summary>
    private const int LeftMargin = 80;

    /// <summary>Writes the picture as PNG.</summary>
    /// <param name="path">The file.</param>
    /// <param name="title">What is shown.</param>
    /// <param name="curves">Name, lengths and perplexities of each model.</param>
    /// <param name="trainLength">Length at which a line marks the training.</param>
    /// <exception cref="BipeException">The file cannot be written.</exception>
    public static void Save(string path, string title, IReadOnlyList<(string Name, int[] Lengths, double[] Perplexities)> curves, int trainLength)
    {
        var plot = new Plot();
        var palette = new ScottPlot.Palettes.ColorblindFriendly();
        foreach ((int index, (string name, int[] lengths, double[] perplexities)) in curves.Index())
        {
            var line = plot.Add.Scatter(lengths.Select(length => Math.Log2(length)).ToArray(), perplexities.Select(Math.Log10).ToArray());
            line.LegendText = name;
            line.Color = palette.GetColor(index + 1);
            line.LineWidth = 3;
            line.MarkerSize = 10;
        }

        var mark = plot.Add.VerticalLine(Math.Log2(trainLength));
        mark.LinePattern = LinePattern.Dashed;
        mark.Color = Colors.Gray;
        mark.LegendText = "training length";
        plot.Title(title);
        plot.XLabel("context length in bytes");
        plot.YLabel("perplexity a byte");
        int[] ticks = [.. curves.SelectMany(curve => curve.Lengths).Distinct().Order()];
        plot.Axes.Bottom.SetTicks([.. ticks.Select(length => Math.Log2(length))], [.. ticks.Select(length => Quantity.Whole(length))]);
        double[] values = [.. curves.SelectMany(curve => curve.Perplexities)];
        double[] levels = Levels(values.Min(), values.Max());
        plot.Axes.Left.SetTicks([.. levels.Select(Math.Log10)], [.. levels.Select(Label)]);
        plot.Axes.Left.MinimumSize = LeftMargin;
        plot.Axes.Margins(0.08, 0.15);
        plot.ShowLegend(Alignment.UpperLeft);
        byte[] png = plot.GetImageBytes(Width, Height, ImageFormat.Png);
        AtomicFile.Write(path, stream => stream.Write(png));
    }

    /// <summary>About six levels that cover a range of perplexities evenly in the logarithm.</summary>
    private static double[] Levels(double smallest, double largest)
    {
        double low = Math.Log10(smallest);
        double step = (Math.Log10(largest) - low) / 5;
        return [.. Enumerable.Range(0, 6).Select(i => Math.Pow(10, low + (i * step)))];
    }

    /// <summary>Four digits, so that near perplexities have labels of their own.</summary>
    private static string Label(double level) => level.ToString("G4", System.Globalization.CultureInfo.InvariantCulture);
}
