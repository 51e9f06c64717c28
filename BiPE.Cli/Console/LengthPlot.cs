using BiPE.Core;
using BiPE.Core.Checkpoints;
using ScottPlot;
using ScottPlot.Palettes;

namespace BiPE.Cli.Console;

/// <summary>A picture of perplexity against context length, both on logarithmic axes.</summary>
internal static class LengthPlot
{
    private const int Width = 900;
    private const int Height = 560;

    /// <summary>Room above and below the curves, as a share of their range, and at least this much in the logarithm.</summary>
    private const double Margin = 0.1;
    private const double SmallestMargin = 0.005;

    /// <summary>Pixels left of the axis: tick labels and the axis' name side by side.</summary>
    private const int LeftWidth = 80;

    /// <summary>Writes the picture as PNG.</summary>
    /// <param name="path">The file.</param>
    /// <param name="title">What is shown.</param>
    /// <param name="curves">Name, lengths and perplexities of each model; infinite perplexities are left out.</param>
    /// <param name="trainLength">Length at which a line marks the training.</param>
    /// <exception cref="BipeException">The file cannot be written.</exception>
    public static void Save(string path, string title, IReadOnlyList<(string Name, int[] Lengths, double[] Perplexities)> curves, int trainLength)
    {
        var plot = new Plot();
        plot.Title(title);
        plot.XLabel("context length in bytes");
        plot.YLabel("perplexity a byte");
        AddCurves(plot, curves);
        AddTrainLength(plot, trainLength);
        int[] lengths = [.. curves.SelectMany(curve => curve.Lengths).Distinct().Order()];
        plot.Axes.Bottom.SetTicks([.. lengths.Select(LengthPosition)], [.. lengths.Select(length => Quantity.Whole(length))]);
        plot.Axes.Margins(horizontal: 0.08);
        SetPerplexityAxis(plot, [.. curves.SelectMany(curve => curve.Perplexities).Where(double.IsFinite)]);

        // Beside the curves, where it can cover none.
        plot.ShowLegend(Edge.Right);
        byte[] png = plot.GetImageBytes(Width, Height, ImageFormat.Png);
        AtomicFile.Write(path, stream => stream.Write(png));
    }

    private static double LengthPosition(int length) => Math.Log2(length);

    private static void AddCurves(Plot plot, IReadOnlyList<(string Name, int[] Lengths, double[] Perplexities)> curves)
    {
        var palette = new ColorblindFriendly();
        foreach ((int index, (string name, int[] lengths, double[] perplexities)) in curves.Index())
        {
            (int Length, double Perplexity)[] points = [.. lengths.Zip(perplexities).Where(point => double.IsFinite(point.Second))];
            var line = plot.Add.Scatter(
                points.Select(point => LengthPosition(point.Length)).ToArray(), points.Select(point => Math.Log10(point.Perplexity)).ToArray());
            line.LegendText = name;

            // The palette starts with black, which the axes have.
            line.Color = palette.GetColor(index + 1);
            line.LineWidth = 3;
            line.MarkerSize = 10;
        }
    }

    private static void AddTrainLength(Plot plot, int trainLength)
    {
        var mark = plot.Add.VerticalLine(LengthPosition(trainLength));
        mark.LinePattern = LinePattern.Dashed;
        mark.Color = Colors.Gray;
        mark.LegendText = "training length";
    }

    private static void SetPerplexityAxis(Plot plot, double[] perplexities)
    {
        if (perplexities.Length == 0)
        {
            return;
        }

        double low = Math.Log10(perplexities.Min());
        double high = Math.Log10(perplexities.Max());
        double margin = Math.Max(Margin * (high - low), SmallestMargin);
        (low, high) = (low - margin, high + margin);
        IReadOnlyList<(double Value, string Label)> ticks = AxisTicks.Within(Math.Pow(10, low), Math.Pow(10, high));
        plot.Axes.Left.SetTicks([.. ticks.Select(tick => Math.Log10(tick.Value))], [.. ticks.Select(tick => tick.Label)]);
        plot.Axes.Left.MinimumSize = LeftWidth;
        plot.Axes.SetLimitsY(low, high);
    }
}
