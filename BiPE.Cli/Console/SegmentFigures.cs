using BiPE.Core;
using BiPE.Core.Data;
using BiPE.Core.Data.Statistics;
using ScottPlot;

namespace BiPE.Cli.Console;

/// <summary>
/// Figures of segments: the counterparts of Figure 1 and Appendix C of the BiPE paper (arXiv 2401.16421), which show that
/// the tokens of a segment stay within bounds while blocks grow.
/// </summary>
internal static class SegmentFigures
{
    private const int Width = 1000;
    private const int BlockRowHeight = 270;
    private const int LongRowHeight = 370;

    /// <summary>Room right of the largest value, as a factor on a logarithmic axis.</summary>
    private const double HighMargin = 1.3;

    /// <summary>Shares below this are not drawn.</summary>
    private const double SmallestShare = 1e-5;

    /// <summary>Points closer than this share, or this ratio on a logarithmic axis, are not drawn one by one.</summary>
    private const double Resolution = 0.001;
    private const double LogResolution = 0.005;

    /// <summary>Draws, for one set of separators, how block size changes the tokens of a segment and the segments of a block.</summary>
    /// <param name="path">The files without their extensions.</param>
    /// <param name="sets">The sets, a row each.</param>
    /// <param name="separators">Index of the separators.</param>
    /// <exception cref="BipeException">A file cannot be written.</exception>
    public static void SaveBlocks(string path, IReadOnlyList<SetStatistics> sets, int separators)
    {
        ArgumentNullException.ThrowIfNull(sets);
        BlockSegments[][] rows = [.. sets.Select(set => set.Segments[separators].Blocks.Where(size => size.BlockCount > 0).OrderBy(size => size.BlockSize).ToArray())];
        (double Low, double High) tokens = Range(rows, size => size.SegmentLengths);
        (double Low, double High) segments = Range(rows, size => size.SegmentsPerBlock);
        var panels = new List<Plot>();
        foreach ((SetStatistics set, BlockSegments[] row) in sets.Zip(rows))
        {
            Plot left = FigureStyle.Panel(set.Name, "tokens of a segment, at most", "share of segments");
            Plot right = FigureStyle.Panel(set.Name, "segments of a block, at most", "share of blocks");
            AddCumulative(left, row, size => size.SegmentLengths, tokens, 2.2f);
            AddCumulative(right, row, size => size.SegmentsPerBlock, segments, 0.5f);
            panels.AddRange(left, right);
        }

        // Cumulative curves leave one of these corners free.
        bool isShort = rows[0].Length == 0 || Math.Log10(rows[0][0].SegmentLengths.Quantile(0.5)) < Math.Log10(tokens.High) / 2;
        panels[0].ShowLegend(isShort ? Alignment.LowerRight : Alignment.UpperLeft);
        FigureStyle.Save(path, panels, 2, Width, BlockRowHeight);
    }

    /// <summary>Draws, for each set of separators, the share of tokens in segments longer than each length.</summary>
    /// <param name="path">The files without their extensions.</param>
    /// <param name="sets">The sets, a curve each.</param>
    /// <param name="trainedRange">Length at which a line marks the end of the intra-segment table.</param>
    /// <exception cref="BipeException">A file cannot be written.</exception>
    public static void SaveLong(string path, IReadOnlyList<SetStatistics> sets, int trainedRange)
    {
        ArgumentNullException.ThrowIfNull(sets);
        SegmentStatistics[] kinds = [.. sets[0].Segments];
        double longest = Math.Max(trainedRange, sets.SelectMany(set => set.Segments).Max(segments => segments.Lengths.Quantile(1)));
        var panels = new List<Plot>();
        foreach ((int index, SegmentStatistics kind) in kinds.Index())
        {
            Plot panel = FigureStyle.Panel($"segments closed by {kind.Separators.Name}", "tokens of a segment", "share of tokens in longer segments");
            foreach ((int number, SetStatistics set) in sets.Index())
            {
                bool isSum = set.Name == CorpusStatistics.AllSets;
                Color color = isSum ? Colors.Black : FigureStyle.Category(number);
                FigureStyle.AddSteps(panel, Longer(set.Segments[index].Lengths), color, isSum ? 1.5f : 2.5f, set.Name);
            }

            var mark = panel.Add.VerticalLine(Math.Log10(trainedRange), 1.5f, Colors.Gray, LinePattern.Dashed);
            mark.LegendText = $"trained range, {Quantity.Whole(trainedRange)} tokens";
            FigureStyle.SetLogarithmic(panel.Axes.Bottom, 1, HighMargin * longest, Whole);
            FigureStyle.SetLogarithmic(panel.Axes.Left, SmallestShare, HighMargin, share => $"{100 * share:0.###}%");
            panels.Add(panel);
        }

        panels.Add(FigureStyle.LegendOf(panels[0]));
        FigureStyle.Save(path, panels, 2, Width, LongRowHeight);
    }

    /// <summary>The decades around all lengths.</summary>
    private static (double Low, double High) Range(BlockSegments[][] rows, Func<BlockSegments, LengthHistogram> lengths)
    {
        LengthHistogram[] all = [.. rows.SelectMany(row => row).Select(lengths)];
        return all.Length == 0
            ? (1, 10)
            : (Math.Pow(10, Math.Floor(Math.Log10(all.Min(histogram => histogram.Quantile(0))))), HighMargin * all.Max(histogram => histogram.Quantile(1)));
    }

    private static void AddCumulative(
        Plot panel, BlockSegments[] sizes, Func<BlockSegments, LengthHistogram> lengths, (double Low, double High) range, float widthStep)
    {
        // Where curves coincide, the thin ones lie on the thick ones.
        foreach ((int index, BlockSegments size) in sizes.Index().Reverse())
        {
            Color color = FigureStyle.Ordered(index, sizes.Length);
            FigureStyle.AddSteps(panel, Cumulative(lengths(size)), color, 1.8f + (widthStep * index), $"blocks of {Quantity.Whole(size.BlockSize)} tokens");
        }

        if (sizes.Length == 0)
        {
            panel.Add.Annotation("no whole block", Alignment.MiddleCenter);
        }

        FigureStyle.SetLogarithmic(panel.Axes.Bottom, range.Low, range.High, Whole);
        panel.Axes.Left.SetTicks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"]);
        panel.Axes.SetLimitsY(-0.02, 1.04);
    }

    private static string Whole(double value) => Quantity.Whole((long)Math.Round(value));

    /// <summary>For each length, the share of lengths up to it.</summary>
    private static IEnumerable<Coordinates> Cumulative(LengthHistogram lengths)
    {
        long seen = 0;
        double drawn = 0;
        yield return new Coordinates(Math.Log10(lengths.Quantile(0)), 0);
        foreach ((long length, long count) in lengths.Counts)
        {
            seen += count;
            double share = (double)seen / lengths.Count;
            if (share - drawn >= Resolution || seen == lengths.Count)
            {
                drawn = share;
                yield return new Coordinates(Math.Log10(length), share);
            }
        }
    }

    /// <summary>For each length, the share of the lengths' sum in those above it.</summary>
    private static IEnumerable<Coordinates> Longer(LengthHistogram lengths)
    {
        long left = lengths.Sum;
        double drawn = 0;
        yield return new Coordinates(0, 0);
        foreach ((long length, long count) in lengths.Counts)
        {
            left -= length * count;
            double height = Math.Log10(Math.Max((double)left / lengths.Sum, SmallestShare));
            if (drawn - height >= LogResolution || left == 0)
            {
                drawn = height;
                yield return new Coordinates(Math.Log10(length), height);
            }
        }
    }
}
