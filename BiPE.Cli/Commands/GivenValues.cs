using System.CommandLine.Parsing;
using BiPE.Cli.Console;
using BiPE.Core.Checkpoints;
using BiPE.Core.Data.Corpora;

namespace BiPE.Cli.Commands;

/// <summary>What is checked of the values on every command line alike.</summary>
internal static class GivenValues
{
    /// <summary>Options whose file is replaced.</summary>
    private static readonly string[] Targets = ["--json", "--csv", "--profile"];

    private static readonly string[] ReadNames =
        ["config.json", "generation_config.json", "index.json", "run.json", "state.json", "dataset_info.json", "tokenizer.json", "tokenizer_config.json", "training_state.json"];

    private static readonly string[] ReadEndings = [.. CorpusReader.Extensions, ".index.json", ".safetensors", ".bin", ".model"];

    /// <summary>Refuses empty values: no option has a use for one, and most come from variables of a shell that are not set.</summary>
    /// <param name="command">The command.</param>
    public static void RequireNoEmpty(CommandResult command)
    {
        foreach (SymbolResult given in command.Children.Where(given => given.Tokens.Any(token => token.Value.Length == 0)))
        {
            command.AddError($"{NameOf(given)} has an empty value, expected {HelpNameOf(given) ?? "one"}; leave it out or give it one, perhaps a variable is not set");
        }
    }

    /// <summary>Refuses to write a result over a file that the command line names for something else.</summary>
    /// <param name="command">The command.</param>
    public static void RequireOwnTargets(CommandResult command)
    {
        (string Name, string Given)[] named = [.. command.Children.SelectMany(PathsOf)];
        foreach ((string name, string given) in named.Where(one => Targets.Contains(one.Name) && !AtomicFile.IsAmongDevices(one.Given)))
        {
            string path = Path.GetFullPath(given);
            if (named.FirstOrDefault(other => other.Name != name && Path.GetFullPath(other.Given) == path) is { Name: { } other })
            {
                command.AddError($"{name} would replace '{given}', which {other} names too; give {name} the name of another file");
            }
            else if (IsInput(path) && named.FirstOrDefault(other => other.Name != name && IsIn(path, other.Given)) is { Name: { } folder })
            {
                command.AddError($"{name} would replace '{given}', which belongs to the folder that {folder} names; give {name} the name of another file");
            }
        }
    }

    private static bool IsIn(string path, string folder) =>
        Directory.Exists(folder) && path.StartsWith(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>Whether a file is there and of a name that commands read: text, tokens, weights and what describes them, but no result.</summary>
    private static bool IsInput(string path) =>
        File.Exists(path) && (ReadNames.Contains(Path.GetFileName(path)) || ReadEndings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)));

    private static string NameOf(SymbolResult given) => given switch
    {
        OptionResult option => option.Option.Name,
        ArgumentResult argument => HelpNameOf(argument) ?? argument.Argument.Name,
        _ => "",
    };

    private static string? HelpNameOf(SymbolResult given) => given switch
    {
        OptionResult option => option.Option.HelpName,
        ArgumentResult argument => argument.Argument.HelpName,
        _ => null,
    };

    /// <summary>Paths that a value may name; a value of <c>--data</c> may have a name before it.</summary>
    private static IEnumerable<(string Name, string Given)> PathsOf(SymbolResult given)
    {
        string[] kinds = (HelpNameOf(given) ?? "").Split('|');
        if (!kinds.Intersect(["FILE", "DIR", "PATH"]).Any())
        {
            yield break;
        }

        foreach (string value in given.Tokens.Select(token => token.Value).Where(value => value.Length > 0 && value != JsonResult.StandardOutput))
        {
            yield return (NameOf(given), value);
            if (NameOf(given) == CorpusSelection.DataName && value.IndexOf('=', StringComparison.Ordinal) is >= 0 and var at && at < value.Length - 1)
            {
                yield return (NameOf(given), value[(at + 1)..]);
            }

            if (NameOf(given) == EvaluationOutput.CsvName)
            {
                yield return (NameOf(given), EvaluationOutput.PositionsOf(value));
            }
        }
    }
}
