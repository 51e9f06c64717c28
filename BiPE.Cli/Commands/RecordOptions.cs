using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using BiPE.Core;
using BiPE.Core.Data.Corpora;

namespace BiPE.Cli.Commands;

/// <summary>The options that say where records have their text and which of them to take.</summary>
internal sealed class RecordOptions
{
    private const string Skip = "skip";
    private const string Refuse = "refuse";
    private static readonly decimal[] DefaultShares = [0.98m, 0.01m, 0.01m];

    private readonly Option<string[]> _sets = new("--set")
    {
        Description = $"Take only documents of these sets: names as the records have them, or the Pile's in short: {string.Join(", ", PileSets.ShortNames.Order())}.",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string?> _textField = new("--text-field")
    {
        Description = $"Field of the records, or column of the tables, that has the text; dots lead into objects. [default: {CorpusOptions.DefaultTextField}]",
        HelpName = "NAME",
    };

    private readonly Option<string?> _setField = new("--set-field")
    {
        Description = $"Field or column that names a document's set. [default: {CorpusOptions.DefaultSetField}]",
        HelpName = "NAME",
    };

    private readonly Option<long?> _minimum = CommonOptions.Size("--min-length", "Take only documents of at least this many bytes of UTF-8.");
    private readonly Option<long?> _maximum = CommonOptions.Size("--max-length", "Take only documents of at most this many bytes of UTF-8.");
    private readonly Option<SplitPart?> _split = new("--split")
    {
        Description = "Take only this part of a split of the documents: train, validation or test. Their texts decide, so equal documents are in the same part.",
        HelpName = "PART",
        CustomParser = ParsePart,
    };

    private readonly Option<decimal[]> _shares = new("--split-shares")
    {
        Description = $"Shares of train, validation and test, which make 1. [default: {Text(DefaultShares)}]",
        HelpName = "X,X,X",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = ParseShares,
    };

    private readonly Option<long?> _seed = CommonOptions.Integer("--split-seed", "Seed of the split. [default: 1]", 0);
    private readonly Option<string> _brokenLines = new("--broken-lines")
    {
        Description = "What to do with lines of a corpus that are no records, and with rows of a table that have no text.",
        DefaultValueFactory = _ => Skip,
    };

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    public RecordOptions(Command command)
    {
        _brokenLines.AcceptOnlyFromAmong(Skip, Refuse);
        foreach (Option option in All)
        {
            command.Options.Add(option);
        }

        command.Validators.Add(result =>
        {
            Option? extra = Array.Find<Option>([_shares, _seed], option => result.GetResult(option) is not null);
            if (extra is not null && result.GetResult(_split) is null)
            {
                result.AddError($"'{extra.Name}' has no meaning without '--split', which says what part to take");
            }
        });
    }

    private Option[] All => [_sets, _textField, _setField, _minimum, _maximum, _split, _shares, _seed, _brokenLines];

    /// <summary>Those of the options that were given, none of which means anything for tokens; null if there are none.</summary>
    /// <param name="result">The command.</param>
    /// <param name="withBrokenLines">Whether <c>--broken-lines</c> is one of them, which chooses no documents.</param>
    public string? Given(CommandResult result, bool withBrokenLines = true)
    {
        // An option with a default has a result even if it was not given.
        string[] names =
        [
            .. All.Where(option => result.GetResult(option) is { Implicit: false } && (withBrokenLines || option != _brokenLines)).Select(option => option.Name),
        ];
        return names.Length == 0 ? null : string.Join(", ", names);
    }

    /// <summary>What <c>--set</c> was given.</summary>
    public IReadOnlyList<string> Sets(ParseResult parsed) => parsed.GetValue(_sets) ?? [];

    /// <summary>Which documents are taken, and from which fields, as a command line spells it; what is the default is left out.</summary>
    public string Describe(ParseResult parsed)
    {
        var words = new List<string>();
        void Add(Option option, object? value)
        {
            if (value is not null)
            {
                words.Add(FormattableString.Invariant($"{option.Name} {value}"));
            }
        }

        string[] sets = [.. Sets(parsed).Select(set => PileSets.Resolve(set).ToLowerInvariant()).Distinct().Order(StringComparer.Ordinal)];
        Add(_sets, sets.Length == 0 ? null : string.Join(", ", sets));
        Add(_textField, parsed.GetValue(_textField) is { } field and not CorpusOptions.DefaultTextField ? field : null);
        Add(_setField, parsed.GetValue(_setField));
        Add(_minimum, parsed.GetValue(_minimum));
        Add(_maximum, parsed.GetValue(_maximum));
        if (parsed.GetValue(_split) is { } part)
        {
            Add(_split, part.ToString().ToLowerInvariant());
            Add(_shares, Text(Shares(parsed)));
            Add(_seed, SplitSeed(parsed));
        }

        return words.Count == 0 ? "all documents" : string.Join(", ", words);
    }

    /// <summary>All of them.</summary>
    /// <exception cref="BipeException">The shares of the split make no sense.</exception>
    public CorpusOptions Read(ParseResult parsed) => new()
    {
        Sets = Sets(parsed),
        TextField = parsed.GetValue(_textField) ?? CorpusOptions.DefaultTextField,
        SetField = parsed.GetValue(_setField),
        MinimumBytes = parsed.GetValue(_minimum) ?? 0,
        MaximumBytes = parsed.GetValue(_maximum) ?? long.MaxValue,
        Split = parsed.GetValue(_split) is { } part ? Split(parsed, part) : null,
        BrokenLines = parsed.GetValue(_brokenLines) == Refuse ? BrokenLinePolicy.Refuse : BrokenLinePolicy.Skip,
    };

    private DocumentSplit Split(ParseResult parsed, SplitPart part)
    {
        decimal[] shares = Shares(parsed);
        return new DocumentSplit(part, shares[0], shares[1], shares[2], (ulong)SplitSeed(parsed));
    }

    private decimal[] Shares(ParseResult parsed) => parsed.GetValue(_shares) is { Length: > 0 } given ? given : DefaultShares;

    private long SplitSeed(ParseResult parsed) => parsed.GetValue(_seed) ?? 1;

    private static SplitPart? ParsePart(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        foreach (SplitPart part in Enum.GetValues<SplitPart>())
        {
            if (text.Equals($"{part}", StringComparison.OrdinalIgnoreCase))
            {
                return part;
            }
        }

        result.AddError($"--split is '{text}', expected train, validation or test");
        return null;
    }

    private static decimal[]? ParseShares(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        string[] parts = text.Split(',');
        decimal[] shares = new decimal[parts.Length];
        bool isFine = parts.Length == DefaultShares.Length;
        for (int i = 0; i < parts.Length && isFine; i++)
        {
            isFine = decimal.TryParse(parts[i], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out shares[i]);
        }

        if (isFine)
        {
            return shares;
        }

        result.AddError($"--split-shares is '{text}', expected three numbers separated by commas, such as {Text(DefaultShares)}");
        return null;
    }

    private static string Text(decimal[] shares) => string.Join(',', shares.Select(share => share.ToString("0.############################", CultureInfo.InvariantCulture)));
}
