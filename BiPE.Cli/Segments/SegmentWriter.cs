using Spectre.Console;

namespace BiPE.Cli.Segments;

/// <summary>Writes segmented text.</summary>
internal sealed class SegmentWriter
{
    private const string SegmentRow = "segment ";
    private const string OffsetRow = "offset  ";
    private const string TokenRow = "token   ";

    /// <summary>What a space is shown as where its place is not to be seen.</summary>
    private const char Space = '\u2423';

    private readonly TextWriter _writer;
    private readonly ISegmentStyle _style;

    public SegmentWriter(TextWriter writer, ISegmentStyle style)
    {
        _writer = writer;
        _style = style;
    }

    /// <summary>Writes the text as it runs, with its own lines.</summary>
    /// <param name="tokens">The tokens.</param>
    public void WriteText(IReadOnlyList<SegmentedToken> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        bool isLineOpen = false;
        foreach (SegmentedToken token in tokens)
        {
            if (token.Offset == 0)
            {
                _writer.Write(_style.StartOf(token.Segment));
                isLineOpen = true;
            }

            string[] lines = (token.Text ?? "").Split('\n');
            foreach ((int index, string line) in lines.Index())
            {
                bool isEnded = index < lines.Length - 1;
                _writer.Write(_style.Paint(VisibleText.Of(line) + (isEnded ? VisibleText.LineFeed : ""), token.Segment, token.IsSeparator));
                isLineOpen |= line.Length > 0;
                if (isEnded)
                {
                    _writer.WriteLine();
                    isLineOpen = false;
                }
            }
        }

        if (isLineOpen)
        {
            _writer.WriteLine();
        }
    }

    /// <summary>Writes each token under its ids, in rows of aligned columns.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="width">Columns of the terminal.</param>
    public void WriteIds(IReadOnlyList<SegmentedToken> tokens, int width)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        var row = new List<(SegmentedToken Token, string Text, int Cells)>();
        int used = TokenRow.Length;
        foreach (SegmentedToken token in tokens)
        {
            string text = Spelling(token);
            int cells = Math.Max(text.GetCellWidth(), Math.Max($"{token.Segment}".Length, $"{token.Offset}".Length));
            if (row.Count > 0 && used + cells + 1 > width)
            {
                WriteRow(row);
                row.Clear();
                used = TokenRow.Length;
            }

            row.Add((token, text, cells));
            used += cells + 1;
        }

        if (row.Count > 0)
        {
            WriteRow(row);
        }
    }

    /// <summary>Whole characters as they are, parts of them and special tokens as the vocabulary spells them.</summary>
    private static string Spelling(SegmentedToken token) => VisibleText.Of(string.IsNullOrEmpty(token.Text) ? token.Piece : token.Text.Replace(' ', Space));

    private void WriteRow(List<(SegmentedToken Token, string Text, int Cells)> row)
    {
        WriteCells(SegmentRow, row, token => $"{token.Segment}");
        WriteCells(OffsetRow, row, token => $"{token.Offset}");
        _writer.Write(TokenRow);
        int padding = 0;
        foreach ((SegmentedToken token, string text, int cells) in row)
        {
            _writer.Write(new string(' ', padding));
            _writer.Write(_style.Paint(text, token.Segment, token.IsSeparator));
            padding = cells - text.GetCellWidth() + 1;
        }

        _writer.WriteLine();
        _writer.WriteLine();
    }

    private void WriteCells(string name, List<(SegmentedToken Token, string Text, int Cells)> row, Func<SegmentedToken, string> value) =>
        _writer.WriteLine(name + string.Join(' ', row.Select(cell => value(cell.Token).PadRight(cell.Cells))).TrimEnd());
}
