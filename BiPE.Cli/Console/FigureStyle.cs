using BiPE.Core;
using BiPE.Core.Checkpoints;
using ScottPlot;
using SkiaSharp;

namespace BiPE.Cli.Console;

/// <summary>How figures look, and how they are saved. Colours are told apart by all kinds of colour vision.</summary>
internal static class FigureStyle
{
    private const float LabelSize = 15;
    private const float TickSize = 14;
    private const float LegendSize = 13;

    /// <summary>Pixels left of and below the axes, the same in all panels so that these line up.</summary>
    private const int LeftWidth = 82;
    private const int BottomHeight = 54;
    private const int RightWidth = 20;

    private static readonly Color GridColor = Color.FromHex("#E4E4E4");
    private static readonly Color MinorGridColor = Color.FromHex("#F3F3F3");

    /// <summary>Okabe and Ito's colours without black, which is for sums, and without yellow, which is faint on white.</summary>
    private static readonly Color[] Categories =
        [.. new[] { "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00" }.Select(hex => Color.FromHex(hex))];

    /// <summary>The first of these that the machine has: plain, without serifs.</summary>
    public static readonly string FontName =
        new[] { "Helvetica", "Arial", "Liberation Sans", "DejaVu Sans", "Noto Sans" }.FirstOrDefault(SKFontManager.Default.FontFamilies.Contains, Fonts.Default);

    /// <summary>Number of categories that have a colour of their own.</summary>
    public static int CategoryCount => Categories.Length;

    /// <summary>Colour of one of several things without an order.</summary>
    /// <param name="index">Which of <see cref="CategoryCount"/>.</param>
    public static Color Category(int index) => Categories[index];

    /// <summary>Colour of one of several things with an order, from dark to light.</summary>
    /// <param name="index">Which.</param>
    /// <param name="count">How many there are.</param>
    public static Color Ordered(int index, int count) => new ScottPlot.Colormaps.Plasma().GetColor(count < 2 ? 0 : 0.82 * index / (count - 1));

    /// <summary>An empty panel.</summary>
    /// <param name="title">Its title.</param>
    /// <param name="horizontal">What the horizontal axis shows, with its unit.</param>
    /// <param name="vertical">What the vertical axis shows, with its unit.</param>
    public static Plot Panel(string title, string horizontal, string vertical)
    {
        var plot = new Plot();
        plot.Title(title, LabelSize);
        plot.XLabel(horizontal, LabelSize);
        plot.YLabel(vertical, LabelSize);
        foreach (IAxis axis in new IAxis[] { plot.Axes.Left, plot.Axes.Bottom })
        {
            axis.TickLabelStyle.FontSize = TickSize;
            ((ScottPlot.AxisPanels.AxisBase)axis).LabelStyle.Bold = false;
        }

        plot.Axes.Left.MinimumSize = LeftWidth;
        plot.Axes.Bottom.MinimumSize = BottomHeight;
        plot.Axes.Right.MinimumSize = RightWidth;
        plot.Grid.MajorLineColor = GridColor;
        plot.Grid.MinorLineColor = MinorGridColor;
        plot.Grid.MinorLineWidth = 1;
        plot.Font.Set(FontName);
        StyleLegend(plot);
        return plot;
    }

    /// <summary>A panel with nothing but the legend of another.</summary>
    /// <param name="panel">The other panel.</param>
    public static Plot LegendOf(Plot panel)
    {
        ArgumentNullException.ThrowIfNull(panel);
        Plot legend = Blank();
        legend.Font.Set(FontName);
        StyleLegend(legend);
        legend.ShowLegend(panel.Legend.GetItems(), Alignment.MiddleCenter);
        return legend;
    }

    /// <summary>A logarithmic axis; positions on it are decimal logarithms.</summary>
    /// <param name="axis">The axis.</param>
    /// <param name="low">Start of the range, above 0.</param>
    /// <param name="high">Its end.</param>
    /// <param name="label">Text of a value; decades have one.</param>
    public static void SetLogarithmic(IAxis axis, double low, double high, Func<double, string> label)
    {
        ArgumentNullException.ThrowIfNull(axis);
        ArgumentNullException.ThrowIfNull(label);
        var ticks = new ScottPlot.TickGenerators.NumericManual();
        for (int power = (int)Math.Floor(Math.Log10(low)); power <= Math.Log10(high); power++)
        {
            double decade = Math.Pow(10, power);
            ticks.AddMajor(power, label(decade));
            for (int i = 2; i < 10; i++)
            {
                ticks.AddMinor(Math.Log10(i * decade));
            }
        }

        axis.TickGenerator = ticks;
        axis.Range.Set(Math.Log10(low), Math.Log10(high));
    }

    /// <summary>Adds a curve of steps.</summary>
    /// <param name="plot">The panel.</param>
    /// <param name="points">Its points; each value holds until the next.</param>
    /// <param name="color">Its colour.</param>
    /// <param name="width">Its width in pixels.</param>
    /// <param name="name">What the legend calls it.</param>
    public static void AddSteps(Plot plot, IEnumerable<Coordinates> points, Color color, float width, string name)
    {
        ArgumentNullException.ThrowIfNull(plot);
        var curve = plot.Add.ScatterLine(points.ToArray());
        curve.ConnectStyle = ConnectStyle.StepHorizontal;
        curve.Color = color;
        curve.LineWidth = width;
        curve.LegendText = name;
    }

    /// <summary>Saves panels in a grid as PNG and as SVG.</summary>
    /// <param name="path">The files without their extensions.</param>
    /// <param name="panels">The panels, row by row.</param>
    /// <param name="columns">Panels of a row.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="rowHeight">Height of a row in pixels.</param>
    /// <exception cref="BipeException">A file cannot be written.</exception>
    public static void Save(string path, IReadOnlyList<Plot> panels, int columns, int width, int rowHeight)
    {
        ArgumentNullException.ThrowIfNull(panels);
        int rows = (panels.Count + columns - 1) / columns;
        var figure = new Multiplot(panels[0]) { Layout = new ScottPlot.MultiplotLayouts.Grid(rows, columns) };
        foreach (Plot panel in panels.Skip(1).Concat(Enumerable.Range(0, (rows * columns) - panels.Count).Select(_ => Blank())))
        {
            figure.AddPlot(panel);
        }

        int height = rows * rowHeight;
        byte[] png = figure.Render(width, height).GetImageBytes(ImageFormat.Png);
        AtomicFile.Write($"{path}.png", stream => stream.Write(png));
        AtomicFile.Write($"{path}.svg", stream =>
        {
            using SKCanvas canvas = SKSvgCanvas.Create(new SKRect(0, 0, width, height), stream);
            canvas.Clear(SKColors.White);
            figure.Render(canvas, new PixelRect(0, width, height, 0));
        });
    }

    private static Plot Blank()
    {
        var plot = new Plot();
        plot.HideAxesAndGrid();
        return plot;
    }

    private static void StyleLegend(Plot plot)
    {
        plot.Legend.FontSize = LegendSize;
        plot.Legend.OutlineColor = GridColor;
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.HideLegend();
    }
}
