namespace BiPE.Core.Hub;

/// <summary>Turns paths that a server names into paths below a folder, and refuses those that would lead elsewhere.</summary>
internal static class HubPath
{
    /// <summary>Ending of a file that is not whole yet.</summary>
    public const string PartialEnding = ".partial";

    /// <summary>Ending of the file beside it that says which content it is a part of.</summary>
    public const string PartialRecordEnding = ".partial.json";

    private static readonly string[] Devices =
    [
        "CON", "PRN", "AUX", "NUL", .. Enumerable.Range(0, 10).SelectMany(number => new[] { $"COM{number}", $"LPT{number}" }),
    ];

    /// <summary>The local path of a file.</summary>
    /// <param name="folder">Full path of the folder.</param>
    /// <param name="path">Path as the server has it.</param>
    /// <exception cref="BipeException">It would not lie in the folder, or its name is reserved.</exception>
    public static string ToLocal(string folder, string path)
    {
        string? fault = path.Length == 0 ? "is empty" : path.Split('/').Select(FindFault).FirstOrDefault(found => found is not null);
        fault ??= path.Equals(HubRecord.FileName, StringComparison.OrdinalIgnoreCase) ? "is the name of this program's own record" : null;
        if (fault is not null)
        {
            throw new BipeException($"The hub lists a file '{path}', which is refused because its path {fault}; leave it out with --exclude.");
        }

        return Path.Combine(folder, path.Replace('/', Path.DirectorySeparatorChar));
    }

    private static string? FindFault(string part)
    {
        if (part is "" or "." or "..")
        {
            return "would lead out of the folder";
        }

        if (part.Any(character => character == '\\' || char.IsControl(character)) || (part.Length >= 2 && part[1] == ':'))
        {
            return "has characters that lead out of the folder on some systems";
        }

        if (part.Equals(".git", StringComparison.OrdinalIgnoreCase) || Devices.Contains(part.Split('.')[0].TrimEnd(), StringComparer.OrdinalIgnoreCase))
        {
            return $"has the reserved name '{part}'";
        }

        if (part.EndsWith(PartialEnding, StringComparison.OrdinalIgnoreCase) || part.EndsWith(PartialRecordEnding, StringComparison.OrdinalIgnoreCase))
        {
            return $"ends as this program's own files of unfinished downloads ('{PartialEnding}')";
        }

        return OperatingSystem.IsWindows() && (part.EndsWith('.') || part.EndsWith(' ') || part.AsSpan().ContainsAny(Path.GetInvalidFileNameChars()))
            ? "has a name that this system does not allow"
            : null;
    }
}
