using System.Globalization;

namespace BiPE.Cli.Console;

/// <summary>Numbers as people read them.</summary>
internal static class Quantity
{
    private static readonly string[] Suffixes = ["", "k", "M", "G", "T"];

    /// <summary>Three digits and a suffix of thousands: 950, 1.23k, 45.6M.</summary>
    /// <param name="value">Not negative.</param>
    public static string Short(double value)
    {
        int suffix = 0;
        while (value >= 999.5 && suffix < Suffixes.Length - 1)
        {
            value /= 1000;
            suffix++;
        }

        string format = (suffix == 0 && value == Math.Floor(value)) || value >= 99.95 ? "F0" : value >= 9.995 ? "F1" : "F2";
        return value.ToString(format, CultureInfo.InvariantCulture) + Suffixes[suffix];
    }

    /// <summary>All digits, in groups of three.</summary>
    /// <param name="value">Any number.</param>
    public static string Whole(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A fixed number of decimals.</summary>
    /// <param name="value">Any number.</param>
    /// <param name="decimals">Digits after the point.</param>
    public static string Fixed(double value, int decimals) => value.ToString($"F{decimals}", CultureInfo.InvariantCulture);

    /// <summary>A share with one decimal: 12.3 %.</summary>
    /// <param name="share">1 for all.</param>
    public static string Percent(double share) => $"{Fixed(share * 100, 1)} %";

    /// <summary>Bytes: 12.3 MB.</summary>
    /// <param name="bytes">Not negative.</param>
    public static string Bytes(double bytes)
    {
        string text = Short(bytes);
        return char.IsAsciiLetter(text[^1]) ? $"{text[..^1]} {text[^1]}B" : $"{text} B";
    }

    /// <summary>Two units at most: 8s, 1m 20s, 3h 05m, 2d 4h.</summary>
    /// <param name="duration">Not negative.</param>
    public static string Duration(TimeSpan duration) => duration switch
    {
        { TotalSeconds: < 59.5 } => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:F0}s"),
        { TotalHours: < 1 } => $"{duration.Minutes}m {duration.Seconds:D2}s",
        { TotalDays: < 1 } => $"{duration.Hours}h {duration.Minutes:D2}m",
        _ => $"{(int)duration.TotalDays}d {duration.Hours}h",
    };
}
