namespace BiPE.Core.Model;

/// <summary>Finds what the user may have meant by a name that is not known.</summary>
internal static class NearestName
{
    /// <summary>Half a sentence that lists the known names and proposes the nearest.</summary>
    public static string Suggest(string found, IReadOnlyCollection<string> known)
    {
        string list = $"known are {string.Join(", ", known)}";
        string nearest = known.MinBy(name => Distance(found, name))!;
        return Distance(found, nearest) <= Math.Max(2, nearest.Length / 2) ? $"{list}; did you mean {nearest}?" : $"{list}.";
    }

    /// <summary>Levenshtein's distance: the fewest insertions, deletions and replacements of characters, without regard to case.</summary>
    public static int Distance(string a, string b)
    {
        // Names are short; a longer text is as far away as any.
        a = a.Length > 100 ? a[..100] : a;
        var row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
        {
            row[j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                bool same = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]);
                int replaced = diagonal + (same ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
