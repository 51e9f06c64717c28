using System.Globalization;
using System.Xml.Linq;

namespace BiPE.Cli.Report;

/// <summary>Draws as SVG.</summary>
internal sealed class SvgCanvas : IChartCanvas
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";
    private readonly XElement _root;

    /// <summary>An empty picture.</summary>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="title">Its name.</param>
    /// <param name="description">What it shows, for those who do not see it.</param>
    public SvgCanvas(double width, double height, string title, string description) => _root = new XElement(
        Svg + "svg",
        new XAttribute("viewBox", $"0 0 {Number(width)} {Number(height)}"),
        new XAttribute("role", "img"),
        new XAttribute("aria-label", $"{title}. {description}"),
        new XAttribute("font-family", "system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', 'DejaVu Sans', sans-serif"));

    /// <summary>The picture.</summary>
    public XElement Root => _root;

    public void Line(IReadOnlyList<ChartPoint> points, string color, double width, params IReadOnlyList<double> dashes)
    {
        var line = new XElement(
            Svg + "polyline",
            new XAttribute("points", Points(points)),
            new XAttribute("fill", "none"),
            new XAttribute("stroke", color),
            new XAttribute("stroke-width", Number(width)),
            new XAttribute("stroke-linejoin", "round"));
        if (dashes.Count > 0)
        {
            line.Add(new XAttribute("stroke-dasharray", string.Join(" ", dashes.Select(Number))));
        }

        _root.Add(line);
    }

    public void Area(IReadOnlyList<ChartPoint> corners, string color, double opacity = 1, string? hint = null)
    {
        var area = new XElement(Svg + "polygon", new XAttribute("points", Points(corners)), new XAttribute("fill", color));
        if (opacity < 1)
        {
            area.Add(new XAttribute("fill-opacity", Number(opacity)));
        }

        if (hint is not null)
        {
            area.Add(new XElement(Svg + "title", hint));
        }

        _root.Add(area);
    }

    public void Text(ChartPoint at, string text, TextAnchor anchor, double size, string color, bool isBold = false, bool isVertical = false)
    {
        var element = new XElement(
            Svg + "text",
            new XAttribute("x", Number(at.X)),
            new XAttribute("y", Number(at.Y)),
            new XAttribute("text-anchor", anchor switch { TextAnchor.Start => "start", TextAnchor.Middle => "middle", _ => "end" }),
            new XAttribute("font-size", Number(size)),
            new XAttribute("fill", color),
            text);
        if (isBold)
        {
            element.Add(new XAttribute("font-weight", "600"));
        }

        if (isVertical)
        {
            element.Add(new XAttribute("transform", $"rotate(-90 {Number(at.X)} {Number(at.Y)})"));
        }

        _root.Add(element);
    }

    private static string Points(IReadOnlyList<ChartPoint> points) => string.Join(" ", points.Select(point => $"{Number(point.X)},{Number(point.Y)}"));

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
