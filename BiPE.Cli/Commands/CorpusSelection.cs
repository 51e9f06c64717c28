using System.CommandLine;
using System.CommandLine.Parsing;
using BiPE.Cli.Console;
using BiPE.Core;
using BiPE.Core.Data.Corpora;
using BiPE.Core.Data.Corpora.DotNetReference;

namespace BiPE.Cli.Commands;

/// <summary>The options that name text: <c>--data</c>, <c>--dotnet-docs</c>, and those of its records.</summary>
internal sealed class CorpusSelection
{
    /// <summary>Kinds of files, for the description of <c>--data</c>.</summary>
    public static readonly string Kinds = string.Join(", ", CorpusReader.Extensions);

    /// <summary>Name of the option that names text.</summary>
    public const string DataName = "--data";

    private readonly Option<string[]> _data;
    private readonly Option<bool> _dotNetDocs;
    private readonly RecordOptions _records;

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="dataDescription">What <c>--data</c> may be there.</param>
    /// <param name="isOptional">Whether other options make text unnecessary; null for never.</param>
    public CorpusSelection(Command command, string dataDescription, Func<CommandResult, bool>? isOptional = null)
    {
        _data = new Option<string[]>(DataName) { Description = dataDescription, HelpName = "PATH", AllowMultipleArgumentsPerToken = true };
        _dotNetDocs = new Option<bool>("--dotnet-docs")
        {
            Description = "Take the .NET reference documentation of the installed SDK as the text, instead of --data.",
        };
        command.Options.Add(_data);
        command.Options.Add(_dotNetDocs);
        _records = new RecordOptions(command);
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
    public IReadOnlyList<string> Sets(ParseResult parsed) => _records.Sets(parsed);

    /// <summary>Which documents are taken, and from which fields, in words; the same of options that mean the same.</summary>
    public string DescribeRecords(ParseResult parsed) => _records.Describe(parsed);

    /// <summary>Those of the options that were given and that only text has a use for; null if there are none.</summary>
    /// <param name="result">The command.</param>
    public string? GivenForText(CommandResult result)
    {
        string[] names = [.. new[] { result.GetValue(_dotNetDocs) ? _dotNetDocs.Name : null, _records.Given(result) }.OfType<string>()];
        return names.Length == 0 ? null : string.Join(", ", names);
    }

    /// <summary>Throws if options were given that choose among records, which token shards do not have.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <param name="shard">The token shard.</param>
    /// <param name="isBesideText">Whether text was named too: how its broken lines are taken says nothing of the shard.</param>
    /// <exception cref="BipeException">There are such options.</exception>
    public void RequireNoFilters(ParseResult parsed, string shard, bool isBesideText = false)
    {
        if (_records.Given(parsed.CommandResult, withBrokenLines: !isBesideText) is { } given)
        {
            throw new BipeException($"'{shard}' is a token shard, which knows no records or sets any more; choose with 'bipe data tokenize' and leave out {given}, or give --data the text.");
        }
    }

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
            return _records.Given(parsed.CommandResult) is not { } given
                ? DotNetReferenceCorpus.Find()
                : throw new BipeException($"The .NET reference documentation is taken whole; leave out {given} with --dotnet-docs.");
        }

        return CorpusReader.Open(paths, _records.Read(parsed));
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

        string unit = reading.FirstBrokenLines[0].IsRow ? "row" : "line";
        string lines = reading.BrokenLines == 1 ? $"1 broken {unit}" : $"{Quantity.Whole(reading.BrokenLines)} broken {unit}s";
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
