using System.Globalization;
using BiPE.Cli.Console;

namespace BiPE.Cli.Report;

/// <summary>Draws a chart of curves, each told apart by colour, dashes, markers and the name at its end.</summary>
internal sealed class ChartDrawing
{
    public const double Width = 560;
    public const double Height = 390;

    private const double Left = 62;
    private const double Top = 52;
    private const double Bottom = Height - 52;
    private const double TitleSize = 15;
    private const double TextSize = 13;
    private const double LetterWidth = 0.56 * TextSize;
    private const double BoldLetterWidth = 0.64 * TextSize;
    private const double LongestNameShare = 0.36;
    private const double LineHeight = 15;
    private const double MarkerRadius = 4.5;
    private const double BandOpacity = 0.16;
    private const int MostTicks = 8;

    private static readonly double[][] Dashes = [[], [7, 4], [2, 3], [9, 3, 2, 3], [5, 2], [1, 2]];

    private readonly IChartCanvas _canvas;
    private readonly ChartTheme _theme;
    private readonly Chart _chart;
    private readonly double _right;
    private readonly int _nameLetters;
    private readonly (double Low, double High) _x;
    private readonly (double Low, double High) _y;

    private ChartDrawing(IChartCanvas canvas, ChartTheme theme, Chart chart)
    {
        _canvas = canvas;
        _theme = theme;
        _chart = chart;
        int longest = chart.Series.Select(series => series.Name.Length).DefaultIfEmpty(0).Max();
        _nameLetters = Math.Min(longest, (int)(LongestNameShare * Width / BoldLetterWidth));
        _right = Width - 18 - (_nameLetters * BoldLetterWidth);
        double[] xs = [.. chart.Series.SelectMany(series => series.Points).Select(point => point.X).Concat(chart.Marks)];
        _x = Padded(Math.Log2(xs.Min()), Math.Log2(xs.Max()), 0.04, 0.5);
        double[] ys = [.. chart.Series.SelectMany(series => series.Points).SelectMany(Extent).Where(y => double.IsFinite(y) && y <= chart.HighestNeeded)];
        _y = ys.Length == 0
            ? Padded(OnAxis(1), OnAxis(2), 0, 0)
            : Padded(OnAxis(ys.Min()), OnAxis(ys.Max()), 0.07, chart.IsLogarithmic ? 0.02 : 0.05);
    }

    /// <summary>Draws a chart.</summary>
    /// <param name="chart">The chart, with a point at least.</param>
    /// <param name="canvas">A canvas of <see cref="Width"/> by <see cref="Height"/>.</param>
    /// <param name="theme">Colours.</param>
    public static void Draw(Chart chart, IChartCanvas canvas, ChartTheme theme) => new ChartDrawing(canvas, theme, chart).Draw();

    /// <summary>A value with four digits, or with those that a large one has before its point.</summary>
    /// <param name="value">Perplexity or loss.</param>
    public static string Label(double value) => value switch
    {
        >= 1e7 => value.ToString("0.0e+0", CultureInfo.InvariantCulture),
        >= 1000 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 100 => Quantity.Fixed(value, 1),
        >= 10 => Quantity.Fixed(value, 2),
        _ => Quantity.Fixed(value, 3),
    };

    private static IEnumerable<double> Extent(ChartSample point) => [point.Low ?? point.Y, point.Y, point.High ?? point.Y];

    private static (double Low, double High) Padded(double low, double high, double share, double least)
    {
        double margin = Math.Max(share * (high - low), high > low ? 0 : least);
        return (low - margin, high + margin);
    }

    private static double[] DashesOf(ChartSeries series) => Dashes[series.Index % Dashes.Length];

    private static List<ChartPoint> Marker(int index, ChartPoint at) => (index % 6) switch
    {
        0 => Polygon(at, 12, 0),
        1 => Polygon(at, 4, 45),
        2 => Polygon(at, 3, 90),
        3 => Polygon(at, 4, 0),
        4 => Polygon(at, 3, -90),
        _ => Polygon(at, 6, 0),
    };

    private static List<ChartPoint> Polygon(ChartPoint at, int corners, double degrees)
    {
        double radius = corners switch { 3 => 1.35, 4 => 1.2, _ => 1 } * MarkerRadius;
        return
        [
            .. Enumerable.Range(0, corners).Select(i => (degrees / 180 * Math.PI) + (2 * Math.PI * i / corners))
                .Select(angle => new ChartPoint(at.X + (radius * Math.Cos(angle)), at.Y - (radius * Math.Sin(angle)))),
        ];
    }

    private void Draw()
    {
        _canvas.Area([new(0, 0), new(Width, 0), new(Width, Height), new(0, Height)], _theme.Background);
        _canvas.Text(new ChartPoint(Left, 20), _chart.Title, TextAnchor.Start, TitleSize, _theme.Text, isBold: true);
        DrawAxes();
        DrawMarks();
        foreach (ChartSeries series in _chart.Series)
        {
            DrawBand(series);
        }

        foreach (ChartSeries series in _chart.Series)
        {
            DrawCurve(series);
        }

        DrawNames();
    }

    private double OnAxis(double y) => _chart.IsLogarithmic ? Math.Log10(y) : y;

    private double OffAxis(double position) => _chart.IsLogarithmic ? Math.Pow(10, position) : position;

    private double X(double x) => Left + ((Math.Log2(x) - _x.Low) / (_x.High - _x.Low) * (_right - Left));

    /// <summary>Where a value lies; beyond the range, at its edge.</summary>
    private double Y(double y) => Bottom - (Math.Clamp((OnAxis(y) - _y.Low) / (_y.High - _y.Low), 0, 1) * (Bottom - Top));

    private bool IsOff(double y) => !double.IsFinite(y) || OnAxis(y) > _y.High;

    private void DrawAxes()
    {
        foreach ((double value, string label) in VerticalTicks())
        {
            double y = Y(value);
            _canvas.Line([new(Left, y), new(_right, y)], _theme.Grid, 1);
            _canvas.Text(new ChartPoint(Left - 8, y + (0.35 * TextSize)), label, TextAnchor.End, TextSize, _theme.Muted);
        }

        double[] ticks = HorizontalTicks();
        int step = (ticks.Length + MostTicks - 1) / MostTicks;
        double labelEnd = double.NegativeInfinity;
        foreach ((int index, double value) in ticks.Index())
        {
            double x = X(value);
            string label = Quantity.Whole((long)value);
            double half = label.Length * LetterWidth / 2;
            _canvas.Line([new(x, Bottom), new(x, Bottom + 5)], _theme.Muted, 1);
            if (index % step == 0 && x - half > labelEnd)
            {
                _canvas.Text(new ChartPoint(x, Bottom + 19), label, TextAnchor.Middle, TextSize, _theme.Muted);
                labelEnd = x + half + 4;
            }
        }

        _canvas.Line([new(Left, Bottom), new(_right, Bottom)], _theme.Muted, 1);
        _canvas.Text(new ChartPoint((Left + _right) / 2, Height - 12), _chart.HorizontalLabel, TextAnchor.Middle, TextSize, _theme.Text);
        _canvas.Text(new ChartPoint(14, (Top + Bottom) / 2), _chart.VerticalLabel, TextAnchor.Middle, TextSize, _theme.Text, isVertical: true);
    }

    private IReadOnlyList<(double Value, string Label)> VerticalTicks()
    {
        if (_chart.IsLogarithmic)
        {
            return AxisTicks.Within(OffAxis(_y.Low), OffAxis(_y.High));
        }

        double unit = Math.Pow(10, Math.Floor(Math.Log10(_y.High - _y.Low)));
        double step = new[] { 0.1, 0.2, 0.5, 1, 2 }.Select(factor => factor * unit).First(size => (_y.High - _y.Low) / size <= 7);
        int decimals = Math.Max(0, (int)Math.Ceiling(-Math.Log10(step) - 1e-9));
        int first = (int)Math.Ceiling(_y.Low / step);
        int count = (int)Math.Floor(_y.High / step) - first + 1;
        return [.. Enumerable.Range(first, count).Select(i => (i * step, Quantity.Fixed(i * step, decimals)))];
    }

    private double[] HorizontalTicks() => _chart.HorizontalTicks is { } given
        ? [.. given]
        : [.. Enumerable.Range(0, 40).Select(power => Math.Pow(2, power)).Where(x => Math.Log2(x) >= _x.Low && Math.Log2(x) <= _x.High)];

    private void DrawMarks()
    {
        foreach (double mark in _chart.Marks)
        {
            double x = X(mark);
            _canvas.Line([new(x, Top - 22), new(x, Bottom)], _theme.Muted, 1, 4, 4);
            bool isLate = x > (Left + _right) / 2;
            _canvas.Text(
                new ChartPoint(x + (isLate ? -5 : 5), Top - 13), $"trained at {Quantity.Whole((long)mark)}", isLate ? TextAnchor.End : TextAnchor.Start, TextSize - 1,
                _theme.Muted);
        }
    }

    private string ColorOf(ChartSeries series) => _theme.Series[series.Index % _theme.Series.Count];

    private void DrawBand(ChartSeries series)
    {
        ChartSample[] points = [.. series.Points.Where(point => point is { Low: not null, High: not null })];
        if (points.Length > 1)
        {
            _canvas.Area(
                [.. points.Select(point => new ChartPoint(X(point.X), Y(point.High!.Value))), .. points.Reverse().Select(point => new ChartPoint(X(point.X), Y(point.Low!.Value)))],
                ColorOf(series), BandOpacity);
        }
    }

    private void DrawCurve(ChartSeries series)
    {
        foreach (List<ChartPoint> run in Runs(series.Points))
        {
            _canvas.Line(run, ColorOf(series), 2, DashesOf(series));
        }

        bool wasOff = false;
        foreach (ChartSample point in series.Points)
        {
            var at = new ChartPoint(X(point.X), Y(point.Y));
            string hint = $"{series.Name} at {Quantity.Whole((long)point.X)}: {Label(point.Y)}"
                + (point is { Low: { } low, High: { } high } ? $" ({Label(low)} to {Label(high)})" : "");
            if (IsOff(point.Y))
            {
                // An arrow out of the chart; the first one of a curve tells its value.
                _canvas.Area([new(at.X - 5, at.Y + 2), new(at.X, at.Y - 7), new(at.X + 5, at.Y + 2)], ColorOf(series), hint: hint);
                if (!wasOff)
                {
                    _canvas.Text(new ChartPoint(at.X + 8, at.Y + 12), Label(point.Y), TextAnchor.Start, TextSize - 1, ColorOf(series));
                }

                wasOff = true;
            }
            else if (_chart.HasMarkers)
            {
                _canvas.Area(Marker(series.Index, at), ColorOf(series), hint: hint);
            }
        }
    }

    /// <summary>The curve without its ways from one point beyond the chart to another.</summary>
    private IEnumerable<List<ChartPoint>> Runs(IReadOnlyList<ChartSample> points)
    {
        var run = new List<ChartPoint>();
        for (int i = 0; i < points.Count; i++)
        {
            if (i > 0 && IsOff(points[i].Y) && IsOff(points[i - 1].Y))
            {
                if (run.Count > 1)
                {
                    yield return run;
                }

                run = [];
            }

            run.Add(new ChartPoint(X(points[i].X), Y(points[i].Y)));
        }

        if (run.Count > 1)
        {
            yield return run;
        }
    }

    /// <summary>Names beside the curves' ends, moved apart where they would cover each other.</summary>
    private void DrawNames()
    {
        (ChartSeries Series, double End)[] named = [.. _chart.Series.Select(series => (series, End: Y(series.Points[^1].Y))).OrderBy(pair => pair.End)];
        var places = new double[named.Length];
        for (int i = 0; i < named.Length; i++)
        {
            places[i] = i == 0 ? named[i].End : Math.Max(named[i].End, places[i - 1] + LineHeight);
        }

        double limit = Bottom;
        for (int i = named.Length - 1; i >= 0; i--)
        {
            places[i] = Math.Min(places[i], limit);
            limit = places[i] - LineHeight;
        }

        foreach ((int i, (ChartSeries series, double end)) in named.Index())
        {
            double last = X(series.Points[^1].X);
            if (Math.Abs(places[i] - end) > 1 || last < _right - 20)
            {
                _canvas.Line([new(last + MarkerRadius + 1, end), new(_right + 8, places[i])], ColorOf(series), 0.75);
            }

            string name = series.Name.Length > _nameLetters ? $"{series.Name[..(_nameLetters - 1)]}…" : series.Name;
            _canvas.Text(new ChartPoint(_right + 10, places[i] + (0.35 * TextSize)), name, TextAnchor.Start, TextSize, ColorOf(series), isBold: true);
        }
    }
}
