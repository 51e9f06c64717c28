using System.CommandLine;
using BiPE.Core.Hub;

namespace BiPE.Cli.Commands;

/// <summary>The options that say what to fetch, and where to.</summary>
internal sealed class FetchSelection
{
    private const string Pile = "monology/pile-uncopyrighted";
    private const string Dataset = "dataset";
    private const string Model = "model";

    private static readonly string[] PileFiles = ["train/*.jsonl.zst", "val.jsonl.zst", "test.jsonl.zst"];

    private readonly Option<string> _repository = new("--repo")
    {
        Description = "Name of the repository on the hub.",
        HelpName = "OWNER/NAME",
        DefaultValueFactory = _ => Pile,
    };

    private readonly Option<string?> _type = new("--type") { Description = "What the repository is. [default: what the hub has of this name]" };

    private readonly Option<string[]> _include = new("--include")
    {
        Description = "Take only files whose path matches one of these: * is any text, ? a character, [0-3] one of several. [default: all; of the Pile its text]",
        HelpName = "PATTERN",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string[]> _exclude = new("--exclude")
    {
        Description = "Leave out files whose path matches one of these.",
        HelpName = "PATTERN",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string> _revision = new("--revision") { Description = "Branch, tag or commit.", HelpName = "NAME", DefaultValueFactory = _ => "main" };

    private readonly Option<string?> _output = new("--output", "--out")
    {
        Description = "Folder for the files; nothing is written outside it. [default: the repository's name, here]",
        HelpName = "DIR",
    };

    private readonly Option<long?> _parallel = CommonOptions.Integer("--parallel", "Files to fetch at once. [default: 4]", 1, 64);
    private readonly Option<bool> _verify = new("--verify") { Description = "Read files that were fetched before whole and fetch those again that are damaged." };

    /// <summary>Adds the options to a command.</summary>
    public FetchSelection(Command command)
    {
        _type.AcceptOnlyFromAmong(Dataset, Model);
        foreach (Option option in new Option[] { _repository, _type, _include, _exclude, _revision, _output, _parallel, _verify })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>What the options say.</summary>
    public HubRequest Read(ParseResult parsed)
    {
        string repository = parsed.GetRequiredValue(_repository);
        string[] include = parsed.GetValue(_include) ?? [];
        bool isPile = repository == Pile;
        return new HubRequest
        {
            Repository = repository,
            Type = parsed.GetValue(_type) switch
            {
                Dataset => HubRepositoryType.Dataset,
                Model => HubRepositoryType.Model,
                _ => isPile ? HubRepositoryType.Dataset : null,
            },
            Revision = parsed.GetRequiredValue(_revision),
            Include = include.Length == 0 && isPile ? PileFiles : include,
            Exclude = parsed.GetValue(_exclude) ?? [],
            Folder = parsed.GetValue(_output) ?? repository.Split('/')[^1],
            Parallel = (int)(parsed.GetValue(_parallel) ?? 4),
            Verify = parsed.GetValue(_verify),
        };
    }
}
