using BiPE.Core;

namespace BiPE.Cli.Commands;

/// <summary>Paths of one set of text.</summary>
/// <param name="Name">Name of the set.</param>
/// <param name="Paths">Its files or folders.</param>
internal sealed record NamedPaths(string Name, IReadOnlyList<string> Paths)
{
    /// <summary>Groups values of <c>--data</c>: NAME=PATH by their names, in the order of first mention; paths without names are one set.</summary>
    /// <param name="values">The values, at least one.</param>
    /// <exception cref="BipeException">Some values have names and some have none.</exception>
    public static IReadOnlyList<NamedPaths> Group(IReadOnlyList<string> values)
    {
        (string? Name, string Path)[] split = [.. values.Select(Split)];
        string[] unnamed = [.. split.Where(value => value.Name is null).Select(value => value.Path)];
        if (unnamed.Length == split.Length)
        {
            return [new NamedPaths(string.Join(", ", values), values)];
        }

        return unnamed.Length == 0
            ? [.. split.GroupBy(value => value.Name!, value => value.Path).Select(group => new NamedPaths(group.Key, [.. group]))]
            : throw new BipeException($"--data names some sets (NAME=PATH), but '{unnamed[0]}' has no name; give every path one.");
    }

    /// <summary>A path that exists is a path, even with an equals sign in it.</summary>
    private static (string? Name, string Path) Split(string value)
    {
        int at = value.IndexOf('=', StringComparison.Ordinal);
        bool isNamed = at > 0 && at < value.Length - 1 && !value[..at].Contains('/', StringComparison.Ordinal) && !Path.Exists(value);
        return isNamed ? (value[..at], value[(at + 1)..]) : (null, value);
    }
}
