using System.Globalization;

namespace BiPE.Core.Positions;

/// <summary>A number that a position encoding takes from its section of a configuration.</summary>
/// <param name="Name">Key in the section.</param>
/// <param name="Default">Value where the key is absent; null if it follows from the model, see <see cref="DefaultText"/>.</param>
/// <param name="Minimum">Smallest value.</param>
/// <param name="Maximum">Largest value.</param>
/// <param name="Meaning">What it does, in a few words.</param>
public sealed record EncodingOption(string Name, double? Default, double Minimum, double Maximum, string Meaning)
{
    /// <summary>Whether only whole numbers are taken.</summary>
    public bool IsInteger { get; init; }

    /// <summary>The default in words.</summary>
    public string DefaultText
    {
        get => field ?? Text(Default ?? 0);
        init;
    }

    /// <summary>What the option takes, in words.</summary>
    public string Range => $"{(IsInteger ? "an integer" : "a number")} from {Text(Minimum)} to {Text(Maximum)}";

    /// <summary>Refuses a value outside of the option's range.</summary>
    /// <param name="value">The value.</param>
    /// <param name="source">What to name in the message: the file and the section.</param>
    /// <exception cref="BipeException">The value is not taken.</exception>
    public void Validate(double value, string source)
    {
        if (!(value >= Minimum && value <= Maximum) || (IsInteger && value != Math.Floor(value)))
        {
            throw new BipeException($"{source}.{Name}' is {Text(value)}, expected {Range}.");
        }
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
