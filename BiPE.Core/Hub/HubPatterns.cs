using System.Text;
using System.Text.RegularExpressions;

namespace BiPE.Core.Hub;

/// <summary>
/// Patterns for paths in a repository, read as Hugging Face's own tools read them: <c>*</c> is any text, slashes included,
/// <c>?</c> one character, <c>[a-c]</c> one of several, <c>[!a-c]</c> one of all others; a folder with its slash at the end
/// means everything in it. Upper and lower case differ.
/// </summary>
public sealed class HubPatterns
{
    private readonly Regex[] _include;
    private readonly Regex[] _exclude;

    /// <summary>Creates the selection.</summary>
    /// <param name="include">Patterns, of which a path must match one; empty for all.</param>
    /// <param name="exclude">Patterns, of which a path must match none.</param>
    public HubPatterns(IEnumerable<string> include, IEnumerable<string> exclude)
    {
        _include = [.. include.Select(ToRegex)];
        _exclude = [.. exclude.Select(ToRegex)];
    }

    /// <summary>Whether a path is selected.</summary>
    /// <param name="path">Path in the repository, with slashes.</param>
    public bool Selects(string path) =>
        (_include.Length == 0 || _include.Any(pattern => pattern.IsMatch(path))) && !_exclude.Any(pattern => pattern.IsMatch(path));

    private static Regex ToRegex(string pattern)
    {
        string glob = pattern.EndsWith('/') ? pattern + "*" : pattern;
        var expression = new StringBuilder(@"\A");
        for (int i = 0; i < glob.Length; i++)
        {
            // The first character of a class may be its closing bracket, and may follow the exclamation mark.
            int last = i + 2 < glob.Length ? glob.IndexOf(']', i + (glob[i + 1] == '!' ? 3 : 2)) : -1;
            if (glob[i] == '[' && last > 0)
            {
                expression.Append(ToClass(glob[(i + 1)..last]));
                i = last;
            }
            else
            {
                expression.Append(glob[i] switch { '*' => ".*", '?' => ".", char other => Regex.Escape(other.ToString()) });
            }
        }

        return new Regex(expression.Append(@"\z").ToString(), RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant);
    }

    private static string ToClass(string members)
    {
        bool isNegated = members[0] == '!';
        var expression = new StringBuilder(isNegated ? "[^" : "[");
        string listed = isNegated ? members[1..] : members;
        for (int i = 0; i < listed.Length; i++)
        {
            bool isRange = i + 2 < listed.Length && listed[i + 1] == '-';
            char end = isRange ? listed[i + 2] : listed[i];
            if (end >= listed[i])
            {
                expression.Append($"\\u{(int)listed[i]:x4}-\\u{(int)end:x4}");
            }

            i += isRange ? 2 : 0;
        }

        // A class of backward ranges alone holds nothing.
        return expression.Length <= 2 ? (isNegated ? "." : "[^\\s\\S]") : expression.Append(']').ToString();
    }
}
