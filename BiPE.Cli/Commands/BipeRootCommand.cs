using System.CommandLine;
using System.CommandLine.Help;

namespace BiPE.Cli.Commands;

/// <summary>The command <c>bipe</c>.</summary>
internal sealed class BipeRootCommand : RootCommand, IExampleSource
{
    /// <summary>Shows stack traces of errors; for developers, so help does not list it.</summary>
    public const string DebugOption = "--debug";

    public BipeRootCommand()
        : base("BiPE for .NET: trains and evaluates LLaMA-style language models with bilevel positional encoding.")
    {
        Subcommands.Add(new QuickstartCommand());
        Subcommands.Add(new TrainCommand());
        Subcommands.Add(new EvalCommand());
        Subcommands.Add(new CompareCommand());
        Subcommands.Add(new ReportCommand());
        Subcommands.Add(new StudyCommand());
        Subcommands.Add(new ScoreCommand());
        Subcommands.Add(new CommandGroup(
            "data", "Fetches text and prepares it for training and evaluation.",
            new DataFetchCommand(), new DataTokenizeCommand(), new DataInspectCommand(), new DataSegmentsCommand()));
        Subcommands.Add(new CommandGroup(
            "tokenizer", "Turns text into token ids and back.", new TokenizerEncodeCommand(), new TokenizerDecodeCommand()));
        Subcommands.Add(new InspectCommand());
        Subcommands.Add(new PlanCommand());
        Subcommands.Add(new InfoCommand());
        Subcommands.Add(new SelfTestCommand());
        Subcommands.Add(new BenchCommand());
        Options.Add(new Option<bool>(DebugOption) { Hidden = true, Recursive = true });
        Options.OfType<HelpOption>().Single().Action = new ExampleHelpAction();
    }

    public IReadOnlyList<string> Examples { get; } =
    [
        "bipe quickstart",
        "bipe data tokenize --data corpus.jsonl.zst --tokenizer bytes --output tokens",
        "bipe eval --model runs/bipe_rope --data test.txt --block-size 1024,2048,4096",
    ];
}
