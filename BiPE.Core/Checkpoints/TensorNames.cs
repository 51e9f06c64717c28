using System.Text.RegularExpressions;
using BiPE.Core.Checkpoints.Safetensors;

namespace BiPE.Core.Checkpoints;

/// <summary>Names of tensors in words: those that differ in a layer's number alone stand together.</summary>
internal static partial class TensorNames
{
    private const int MaximumGroups = 50;

    /// <summary>A name without its numbers.</summary>
    public static string PatternOf(string name) => Number().Replace(name, "*");

    /// <summary>Groups names.</summary>
    /// <param name="names">The names.</param>
    /// <param name="remark">What to say of a name; names with different remarks stand apart.</param>
    /// <returns>Texts as <c>'model.layers.{0-11}.mlp.up_proj.weight' (12 tensors)</c>; of a checkpoint of quite another kind not all.</returns>
    public static IReadOnlyList<string> Group(IReadOnlyList<string> names, Func<string, string>? remark = null)
    {
        IGrouping<string, string>[] groups = [.. names.GroupBy(PatternOf, StringComparer.Ordinal)];
        int untold = groups.Skip(MaximumGroups).Sum(group => group.Count());
        return
        [
            .. groups.Take(MaximumGroups).SelectMany(
                group => group.GroupBy(name => remark?.Invoke(name) ?? "").Select(same => Describe(group.Key, [.. same]) + same.Key)),
            .. untold > 0 ? new[] { $"and {untold} more" } : [],
        ];
    }

    private static string Describe(string pattern, string[] names)
    {
        if (names.Length == 1)
        {
            return SafetensorsHeader.Quote(names[0]);
        }

        // Where one number varies it is told; with two, as in layers of experts, the stars must do.
        int stars = pattern.Count(c => c == '*');
        string[][] numbers = [.. names.Select(name => Number().Matches(name).Select(match => match.Value).ToArray())];
        int[] varying = [.. Enumerable.Range(0, numbers.Min(each => each.Length)).Where(i => numbers.Any(each => each[i] != numbers[0][i]))];
        string text = pattern;
        if (varying is [int only] && numbers.All(each => each.Length == stars && int.TryParse(each[only], out _)))
        {
            int at = 0;
            text = Star().Replace(pattern, _ => at++ == only ? Ranges([.. numbers.Select(each => int.Parse(each[only]))]) : numbers[0][at - 1]);
        }

        return $"{SafetensorsHeader.Quote(text)} ({names.Length} tensors)";
    }

    /// <summary>{0-3,7} for 0, 1, 2, 3, 7.</summary>
    private static string Ranges(int[] values)
    {
        Array.Sort(values);
        var parts = new List<string>();
        for (int i = 0; i < values.Length;)
        {
            int end = i;
            while (end + 1 < values.Length && values[end + 1] == values[end] + 1)
            {
                end++;
            }

            parts.Add(end == i ? $"{values[i]}" : $"{values[i]}-{values[end]}");
            i = end + 1;
        }

        return $"{{{string.Join(",", parts)}}}";
    }

    [GeneratedRegex(@"(?<=^|\.)[0-9]+(?=\.|$)")]
    private static partial Regex Number();

    [GeneratedRegex(@"\*")]
    private static partial Regex Star();
}
