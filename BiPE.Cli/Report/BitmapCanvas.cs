using BiPE.Cli.Console;
using SkiaSharp;

namespace BiPE.Cli.Report;

/// <summary>Draws as PNG, several pixels to the unit.</summary>
internal sealed class BitmapCanvas : IChartCanvas, IDisposable
{
    private const int Scale = 2;

    private readonly SKBitmap _bitmap;
    private readonly SKCanvas _canvas;
    private readonly SKTypeface _plain = SKTypeface.FromFamilyName(FigureStyle.FontName, SKFontStyle.Normal);
    private readonly SKTypeface _bold = SKTypeface.FromFamilyName(FigureStyle.FontName, SKFontStyle.Bold);

    /// <summary>An empty picture.</summary>
    /// <param name="width">Width in units.</param>
    /// <param name="height">Height in units.</param>
    public BitmapCanvas(double width, double height)
    {
        _bitmap = new SKBitmap((int)(width * Scale), (int)(height * Scale));
        _canvas = new SKCanvas(_bitmap);
        _canvas.Scale(Scale);
    }

    public void Line(IReadOnlyList<ChartPoint> points, string color, double width, params IReadOnlyList<double> dashes)
    {
        using SKPaint paint = Paint(color, 1);
        paint.Style = SKPaintStyle.Stroke;
        paint.StrokeWidth = (float)width;
        paint.StrokeJoin = SKStrokeJoin.Round;
        using SKPathEffect? effect = dashes.Count > 0 ? SKPathEffect.CreateDash([.. dashes.Select(dash => (float)dash)], 0) : null;
        paint.PathEffect = effect;
        using SKPath path = PathOf(points);
        _canvas.DrawPath(path, paint);
    }

    public void Area(IReadOnlyList<ChartPoint> corners, string color, double opacity = 1, string? hint = null)
    {
        using SKPaint paint = Paint(color, opacity);
        using SKPath path = PathOf(corners);
        path.Close();
        _canvas.DrawPath(path, paint);
    }

    public void Text(ChartPoint at, string text, TextAnchor anchor, double size, string color, bool isBold = false, bool isVertical = false)
    {
        using SKPaint paint = Paint(color, 1);
        using var font = new SKFont(isBold ? _bold : _plain, (float)size) { Subpixel = true };
        SKTextAlign align = anchor switch { TextAnchor.Start => SKTextAlign.Left, TextAnchor.Middle => SKTextAlign.Center, _ => SKTextAlign.Right };
        using var kept = new SKAutoCanvasRestore(_canvas);
        _canvas.Translate((float)at.X, (float)at.Y);
        _canvas.RotateDegrees(isVertical ? -90 : 0);
        _canvas.DrawText(text, 0, 0, align, font, paint);
    }

    /// <summary>Writes the picture.</summary>
    /// <param name="stream">Receives the file.</param>
    public void Save(Stream stream) => _bitmap.Encode(stream, SKEncodedImageFormat.Png, 100);

    public void Dispose()
    {
        _canvas.Dispose();
        _bitmap.Dispose();
        _plain.Dispose();
        _bold.Dispose();
    }

    private static SKPaint Paint(string color, double opacity) =>
        new() { Color = SKColor.Parse(color).WithAlpha((byte)Math.Round(255 * opacity)), IsAntialias = true };

    private static SKPath PathOf(IReadOnlyList<ChartPoint> points)
    {
        var path = new SKPath();
        path.AddPoly([.. points.Select(point => new SKPoint((float)point.X, (float)point.Y))], close: false);
        return path;
    }
}
