using System.CommandLine;
using System.CommandLine.Parsing;
using BiPE.Cli.Console;
using BiPE.Core;
using BiPE.Core.Data.Corpora;
using BiPE.Core.Data.Corpora.DotNetReference;

namespace BiPE.Cli.Commands;

/// <summary>The options that name text: <c>--data</c>, <c>--dotnet-docs</c>, <c>--set</c>, <c>--broken-lines</c>.</summary>
internal sealed class CorpusSelection
{
    private const string Skip = "skip";
    private const string Refuse = "refuse";

    private readonly Option<string[]> _data;
    private readonly Option<bool> _dotNetDocs;
    private readonly Option<string[]> _sets;
    private readonly Option<string> _brokenLines;

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="dataDescription">What <c>--data</c> may be there.</param>
    /// <param name="isOptional">Whether other options make text unnecessary; null for never.</param>
    public CorpusSelection(Command command, string dataDescription, Func<CommandResult, bool>? isOptional = null)
    {
        _data = new Option<string[]>("--data") { Description = dataDescription, HelpName = "PATH", AllowMultipleArgumentsPerToken = true };
        _dotNetDocs = new Option<bool>("--dotnet-docs")
        {
            Description = "Take the .NET reference documentation of the installed SDK as the text, instead of --data.",
        };
        _sets = new Option<string[]>("--set")
        {
            Description = $"Take only documents of these sets: a record's meta.pile_set_name, or {string.Join(", ", PileSets.ShortNames.Order())}.",
            HelpName = "NAME",
            AllowMultipleArgumentsPerToken = true,
        };
        _brokenLines = new Option<string>("--broken-lines")
        {
            Description = "What to do with lines of a corpus that are no records.",
            DefaultValueFactory = _ => Skip,
        };
        _brokenLines.AcceptOnlyFromAmong(Skip, Refuse);
        command.Options.Add(_data);
        command.Options.Add(_dotNetDocs);
        command.Options.Add(_sets);
        command.Options.Add(_brokenLines);
        command.Validators.Add(result =>
        {
            bool hasData = result.GetResult(_data) is not null;
            bool hasDotNetDocs = result.GetValue(_dotNetDocs);
            bool isMissing = !hasData && !hasDotNetDocs && isOptional?.Invoke(result) != true;
            if (isMissing || (hasData && hasDotNetDocs))
            {
                result.AddError(hasData ? "Options '--data' and '--dotnet-docs' exclude each other" : "Option '--data' is required");
            }
        });
    }

    /// <summary>What <c>--data</c> was given.</summary>
    public IReadOnlyList<string> Paths(ParseResult parsed) => parsed.GetValue(_data) ?? [];

    /// <summary>The text in words, for results.</summary>
    public string Describe(ParseResult parsed) => parsed.GetValue(_dotNetDocs) ? "dotnet-docs" : string.Join(", ", Paths(parsed));

    /// <summary>What <c>--set</c> was given.</summary>
    public IReadOnlyList<string> Sets(ParseResult parsed) => parsed.GetValue(_sets) ?? [];

    /// <summary>Opens the text; nothing is read yet.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <exception cref="BipeException">A path is missing or of no kind that can be read.</exception>
    public ICorpus Open(ParseResult parsed) => Open(parsed, Paths(parsed));

    /// <summary>Opens some of the text; nothing is read yet.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <param name="paths">Paths to take instead of those given.</param>
    /// <exception cref="BipeException">A path is missing or of no kind that can be read.</exception>
    public ICorpus Open(ParseResult parsed, IReadOnlyList<string> paths)
    {
        if (parsed.GetValue(_dotNetDocs))
        {
            return Sets(parsed).Count == 0
                ? DotNetReferenceCorpus.Find()
                : throw new BipeException("The .NET reference documentation is taken whole; leave --set out with --dotnet-docs.");
        }

        var options = new CorpusOptions
        {
            Sets = Sets(parsed),
            BrokenLines = parsed.GetValue(_brokenLines) == Refuse ? BrokenLinePolicy.Refuse : BrokenLinePolicy.Skip,
        };
        return CorpusReader.Open(paths, options);
    }

    /// <summary>Says which lines were skipped.</summary>
    /// <param name="reading">What was read.</param>
    public static void ReportBrokenLines(CorpusReading reading)
    {
        ArgumentNullException.ThrowIfNull(reading);
        if (reading.BrokenLines == 0)
        {
            return;
        }

        string lines = reading.BrokenLines == 1 ? "1 broken line" : $"{Quantity.Whole(reading.BrokenLines)} broken lines";
        Terminal.Note($"Skipped {lines} (--broken-lines refuse stops at the first):");
        foreach (BrokenLine line in reading.FirstBrokenLines)
        {
            Terminal.Note($"  {line}");
        }

        long untold = reading.BrokenLines - reading.FirstBrokenLines.Count;
        if (untold > 0)
        {
            Terminal.Note($"  and {Quantity.Whole(untold)} more");
        }
    }
}
