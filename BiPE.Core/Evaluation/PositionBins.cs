namespace BiPE.Core.Evaluation;

/// <summary>Positions in a block in bins that grow with the position: single positions up to 31, then a sixteenth of the position.</summary>
internal static class PositionBins
{
    private const int Divisor = 16;

    /// <summary>First position of each bin, from 1 on, up to the bin that holds the largest position.</summary>
    /// <param name="largest">Largest position.</param>
    public static int[] Starts(int largest)
    {
        var starts = new List<int>();
        for (int start = 1; start <= largest; start += WidthAt(start))
        {
            starts.Add(start);
        }

        return [.. starts];
    }

    /// <summary>Positions of the bin that starts at a position.</summary>
    /// <param name="start">Its first position.</param>
    public static int WidthAt(int start) => Math.Max(1, start / Divisor);
}
