using System.Globalization;

namespace BiPE.Cli.Console;

/// <summary>Round numbers for a logarithmic axis.</summary>
internal static class AxisTicks
{
    private const int Fewest = 4;

    /// <summary>Steps within a decade, and within ten times the unit of a narrow range, the coarsest first.</summary>
    private static readonly double[][] DecadeSteps = [[1], [1, 2, 5]];
    private static readonly double[] NarrowSteps = [5, 2, 1];

    /// <summary>At least four numbers within a range, with texts that differ: decades if it is wide, even steps if it is narrow.</summary>
    /// <param name="low">Start of the range, above 0.</param>
    /// <param name="high">Its end, above its start.</param>
    public static IReadOnlyList<(double Value, string Label)> Within(double low, double high)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(low);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(high, low);
        foreach (double[] steps in DecadeSteps)
        {
            double[] values = [.. Decades(low, high).SelectMany(decade => steps.Select(step => step * decade)).Where(value => value >= low && value <= high)];
            if (values.Length >= Fewest)
            {
                return [.. values.Select(value => (value, Label(value, value)))];
            }
        }

        for (double unit = Math.Pow(10, Math.Ceiling(Math.Log10(high))); ; unit /= 10)
        {
            foreach (double step in NarrowSteps.Select(factor => factor * unit))
            {
                double first = Math.Ceiling(low / step);
                int count = (int)(Math.Floor(high / step) - first) + 1;
                if (count >= Fewest)
                {
                    return [.. Enumerable.Range(0, count).Select(i => (first + i) * step).Select(value => (value, Label(value, unit)))];
                }
            }
        }
    }

    private static IEnumerable<double> Decades(double low, double high)
    {
        int first = (int)Math.Floor(Math.Log10(low));
        return Enumerable.Range(first, (int)Math.Floor(Math.Log10(high)) - first + 1).Select(power => Math.Pow(10, power));
    }

    /// <summary>The value with as many decimals as a unit has.</summary>
    private static string Label(double value, double unit)
    {
        int decimals = Math.Max(0, -(int)Math.Floor(Math.Log10(unit) + 1e-9));
        return value.ToString($"N{decimals}", CultureInfo.InvariantCulture);
    }
}
