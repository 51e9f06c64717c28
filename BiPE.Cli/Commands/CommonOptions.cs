using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using BiPE.Cli.Console;

namespace BiPE.Cli.Commands;

/// <summary>Options that several commands have, so that they are called and checked alike.</summary>
internal static class CommonOptions
{
    /// <summary><c>--json [FILE]</c>; null if it is not given.</summary>
    public static Option<string?> Json() => new("--json")
    {
        Description = "Write the result as JSON to FILE, or to standard output instead of the table if FILE is '-' or left out.",
        HelpName = "FILE",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = result => result.Tokens.Count == 0 ? JsonResult.StandardOutput : result.Tokens[0].Value,
    };

    /// <summary><c>--seed N</c>.</summary>
    /// <param name="value">Default.</param>
    public static Option<long> Seed(long value) => new("--seed")
    {
        Description = "Seed of everything random; the same seed gives the same result.",
        HelpName = "N",
        DefaultValueFactory = _ => value,
    };

    /// <summary>An integer with bounds.</summary>
    /// <param name="name">Name with its dashes.</param>
    /// <param name="description">For the help.</param>
    /// <param name="minimum">Smallest value.</param>
    /// <param name="maximum">Largest value.</param>
    public static Option<long?> Integer(string name, string description, long minimum, long maximum = long.MaxValue) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result => ParseInteger(result, name, minimum, maximum),
    };

    /// <summary>Integers with bounds, separated by commas. One value holds them all: a second is refused, not left out.</summary>
    /// <param name="name">Name with its dashes.</param>
    /// <param name="description">For the help.</param>
    /// <param name="minimum">Smallest value.</param>
    /// <param name="maximum">Largest value.</param>
    public static Option<int[]?> Integers(string name, string description, int minimum, int maximum) => new(name)
    {
        Description = description,
        HelpName = "N,N,..",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result => ParseIntegers(result, name, minimum, maximum),
    };

    /// <summary>As <see cref="Integers"/>, but one only.</summary>
    /// <param name="name">Name with its dashes.</param>
    /// <param name="description">For the help.</param>
    /// <param name="minimum">Smallest value.</param>
    /// <param name="maximum">Largest value.</param>
    public static Option<int[]?> SingleInteger(string name, string description, int minimum, int maximum) => new(name)
    {
        Description = description,
        HelpName = "N",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result => ParseInteger(result, name, minimum, maximum) is { } value ? [(int)value] : null,
    };

    /// <summary>A number with bounds.</summary>
    /// <param name="name">Name with its dashes.</param>
    /// <param name="description">For the help.</param>
    /// <param name="minimum">Smallest value.</param>
    /// <param name="maximum">Largest value; infinite for any that is finite.</param>
    public static Option<double?> Number(string name, string description, double minimum = 0, double maximum = double.PositiveInfinity) => new(name)
    {
        Description = description,
        HelpName = "X",
        CustomParser = result => ParseNumber(result, name, minimum, maximum),
    };

    /// <summary><c>--block-size N,N,..</c>.</summary>
    /// <param name="description">For the help.</param>
    /// <param name="minimum">Smallest size.</param>
    /// <param name="sizes">Default.</param>
    public static Option<int[]> BlockSizes(string description, int minimum, int[] sizes) => new("--block-size")
    {
        Description = $"{description} [default: {string.Join(',', sizes)}]",
        HelpName = "N,N,..",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result => ParseSizes(result, minimum),
    };

    /// <summary>Whether a list with commas names several; for validators, which cannot ask for the value of an option whose value is wrong.</summary>
    /// <param name="command">The command.</param>
    /// <param name="option">The option.</param>
    public static bool NamesSeveral(CommandResult command, Option option) =>
        command.GetResult(option)?.Tokens.Any(token => token.Value.Contains(',', StringComparison.Ordinal)) == true;

    private static int[]? ParseSizes(ArgumentResult result, int minimum)
    {
        string text = result.Tokens[0].Value;
        int[] sizes = [.. text.Split(',').Select(part => int.TryParse(part, out int size) ? size : -1).Distinct()];
        if (sizes.Min() >= minimum)
        {
            return sizes;
        }

        result.AddError($"--block-size is '{text}', expected integers of at least {minimum}, separated by commas");
        return null;
    }

    /// <summary>A number of bytes: 500000, 200MB, 1GiB.</summary>
    /// <param name="name">Name with its dashes.</param>
    /// <param name="description">For the help.</param>
    public static Option<long?> Size(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "SIZE",
        CustomParser = result => ParseSize(result, name),
    };

    private static long? ParseSize(ArgumentResult result, string name)
    {
        string text = result.Tokens[0].Value;
        string number = text.TrimEnd([.. "kKMGTiB"]);
        decimal unit = text[number.Length..] switch
        {
            "" or "B" => 1,
            "k" or "kB" => 1e3m,
            "M" or "MB" => 1e6m,
            "G" or "GB" => 1e9m,
            "T" or "TB" => 1e12m,
            "Ki" or "KiB" => 1L << 10,
            "Mi" or "MiB" => 1L << 20,
            "Gi" or "GiB" => 1L << 30,
            "Ti" or "TiB" => 1L << 40,
            _ => 0,
        };
        if (decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value)
            && value <= 1_000_000 * 1e12m / Math.Max(unit, 1) && value * unit >= 1)
        {
            return (long)(value * unit);
        }

        result.AddError($"{name} is '{text}', expected a number of bytes such as 500000, 200MB or 1GiB");
        return null;
    }

    private static long? ParseInteger(ArgumentResult result, string name, long minimum, long maximum)
    {
        string text = result.Tokens[0].Value;
        if (long.TryParse(text, out long value) && value >= minimum && value <= maximum)
        {
            return value;
        }

        string range = maximum == long.MaxValue ? $"of at least {minimum}" : $"in {minimum} .. {maximum}";
        result.AddError($"{name} is '{text}', expected an integer {range}");
        return null;
    }

    private static int[]? ParseIntegers(ArgumentResult result, string name, int minimum, int maximum)
    {
        string text = result.Tokens[0].Value;
        int[] values = [.. text.Split(',').Select(part => int.TryParse(part, out int value) ? value : minimum - 1).Distinct()];
        if (values.All(value => value >= minimum && value <= maximum))
        {
            return values;
        }

        result.AddError($"{name} is '{text}', expected integers in {minimum} .. {maximum}, separated by commas");
        return null;
    }

    private static double? ParseNumber(ArgumentResult result, string name, double minimum, double maximum)
    {
        string text = result.Tokens[0].Value;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            && double.IsFinite(value) && value >= minimum && value <= maximum)
        {
            return value;
        }

        string range = maximum == double.PositiveInfinity ? $"of at least {Text(minimum)}" : $"in {Text(minimum)} .. {Text(maximum)}";
        result.AddError($"{name} is '{text}', expected a number {range}");
        return null;

        static string Text(double bound) => bound.ToString(CultureInfo.InvariantCulture);
    }
}
