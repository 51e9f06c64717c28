namespace BiPE.Cli.Commands;

/// <summary>What models are called in tables.</summary>
internal static class ModelNames
{
    /// <summary>The last part of a folder's path, with what results say in brackets behind it, which may have paths in it.</summary>
    /// <param name="name">The folder, or what <see cref="EvaluationJob.Name"/> makes of it.</param>
    public static string OwnName(string name)
    {
        int end = EndOfFolder(name);
        return Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(name[..end]))) + name[end..];
    }

    /// <summary>The folders' own names where these tell the models apart.</summary>
    /// <param name="folders">The folders.</param>
    public static string[] Short(params string[] folders)
    {
        string[] names = [.. folders.Select(OwnName)];
        return names.Distinct().Count() == names.Length ? names : folders;
    }

    /// <summary>Where the last bracket opens, with the space before it; brackets may stand in it too. The whole length if the name does not end with one.</summary>
    private static int EndOfFolder(string name)
    {
        int depth = 0;
        for (int at = name.Length - 1; at > 1; at--)
        {
            depth += name[at] switch { ')' => 1, '(' => -1, _ => 0 };
            if (depth == 0)
            {
                return name[at] == '(' && name[at - 1] == ' ' ? at - 1 : name.Length;
            }
        }

        return name.Length;
    }
}
