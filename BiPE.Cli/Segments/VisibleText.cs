using System.Globalization;
using System.Text;

namespace BiPE.Cli.Segments;

/// <summary>Text that cannot steer a terminal: control characters and invisible marks become visible signs.</summary>
internal static class VisibleText
{
    /// <summary>What a line feed is shown as.</summary>
    public const string LineFeed = "\u21B5";

    private const string Tab = "\u21E5   ";
    private const int ControlPictures = 0x2400;
    private const int Delete = 0x7F;
    private const string DeletePicture = "\u2421";

    /// <summary>Replaces everything that is no plain character; a line feed too.</summary>
    /// <param name="text">Any text.</param>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var visible = new StringBuilder(text.Length);
        foreach (Rune character in text.EnumerateRunes())
        {
            visible.Append(Of(character));
        }

        return visible.ToString();
    }

    private static string Of(Rune character) => character.Value switch
    {
        '\n' => LineFeed,
        '\t' => Tab,
        < ' ' => ((char)(ControlPictures + character.Value)).ToString(),
        Delete => DeletePicture,
        _ => IsInvisible(character) ? $"<U+{character.Value:X4}>" : character.ToString(),
    };

    /// <summary>Other control characters, direction marks and such, line and paragraph separators, and code points without a meaning.</summary>
    private static bool IsInvisible(Rune character) => Rune.GetUnicodeCategory(character) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
}
