using System.CommandLine;
using System.CommandLine.Parsing;
using BiPE.Core;
using BiPE.Core.Model;
using BiPE.Core.Positions.Segments;
using BiPE.Core.Tokenization;

namespace BiPE.Cli.Commands;

/// <summary>The options <c>--separators</c> and <c>--segmenter</c>, which say where segments end: in all text, or in one corpus or set as NAME=VALUE.</summary>
internal sealed class SegmenterOptions
{
    private const string FixedPrefix = Segmenters.FixedLength + ":";

    private readonly Option<string[]> _separators;
    private readonly Option<string[]> _segmenter = new("--segmenter")
    {
        Description = "Segments without separators: fixed:N tokens long, every_token (each is a segment), none (a block is one segment); NAME=fixed:N for one corpus.",
        HelpName = "fixed:N|every_token|none",
        AllowMultipleArgumentsPerToken = true,
    };

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="defaultDescription">What is taken if neither option is given.</param>
    public SegmenterOptions(Command command, string defaultDescription)
    {
        _separators = new Option<string[]>("--separators")
        {
            Description = "Tokens that close a segment: ids separated by commas, or a set, reference, sentence or newline; "
                + $"NAME=SET for the corpus that --data calls so. [default: {defaultDescription}]",
            HelpName = "SET|ID,ID,..",
            AllowMultipleArgumentsPerToken = true,
        };
        All = [_separators, _segmenter];
        command.Options.Add(_separators);
        command.Options.Add(_segmenter);
        command.Validators.Add(Validate);
    }

    /// <summary>The options themselves.</summary>
    public IReadOnlyList<Option> All { get; }

    /// <summary>What was given, as a command line spells it but without dashes, to tell results apart; null for nothing.</summary>
    /// <param name="parsed">Values of the options.</param>
    public string? Label(ParseResult parsed)
    {
        IEnumerable<string> parts = from option in (Option<string[]>[])[_separators, _segmenter]
                                    from value in parsed.GetValue(option) ?? []
                                    orderby option.Name, value
                                    select $"{option.Name.TrimStart('-')} {value}";
        string label = string.Join(", ", parts);
        return label.Length == 0 ? null : label;
    }

    /// <summary>Refuses names that no corpus or set has.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <param name="known">Names of the corpora or sets.</param>
    /// <exception cref="BipeException">A name is another.</exception>
    public void RequireNames(ParseResult parsed, IReadOnlyCollection<string> known)
    {
        foreach (Option<string[]> option in (Option<string[]>[])[_separators, _segmenter])
        {
            foreach (string value in parsed.GetValue(option) ?? [])
            {
                if (Split(value).Name is { } name && !known.Contains(name))
                {
                    throw new BipeException($"{option.Name} names '{name}', but --data has {string.Join(", ", known.Select(one => $"'{one}'"))}; name one of them, as --data NAME=PATH does.");
                }
            }
        }
    }

    /// <summary>The segmenters that were given.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <param name="tokenizer">Tells the ids of a set's texts; null if it is not known.</param>
    /// <exception cref="BipeException">There is no such set, it needs the tokenizer, or an id is outside the vocabulary.</exception>
    public GivenSegmenters Resolve(ParseResult parsed, ITokenizer? tokenizer)
    {
        (string? Name, SegmenterConfig Segmenter)[] given =
        [
            .. (parsed.GetValue(_separators) ?? []).Select(Split).Select(part => (part.Name, Separators(part.Value, tokenizer))),
            .. (parsed.GetValue(_segmenter) ?? []).Select(Split).Select(part => (part.Name, Read(part.Value)!)),
        ];
        return new GivenSegmenters(
            given.FirstOrDefault(one => one.Name is null).Segmenter,
            given.Where(one => one.Name is not null).ToDictionary(one => one.Name!, one => one.Segmenter));
    }

    private static SegmenterConfig Separators(string value, ITokenizer? tokenizer)
    {
        if (tokenizer is null)
        {
            return SeparatorOption.IdsOf(value) is { } known
                ? new SegmenterConfig { Tokens = known }
                : throw new BipeException($"The separators '{value}' are no ids, and a set has ids only with the tokenizer, which the model's folder does not have; name ids as 13,869.");
        }

        IReadOnlyList<int> ids = SeparatorOption.Resolve(value, tokenizer);
        SeparatorOption.RequireVocabulary(ids, tokenizer.Kind, tokenizer.VocabularySize);
        return new SegmenterConfig { Tokens = ids };
    }

    private static SegmenterConfig? Read(string value) => value switch
    {
        Segmenters.EveryToken or Segmenters.None => new SegmenterConfig { Type = value },
        _ when value.StartsWith(FixedPrefix, StringComparison.Ordinal) && int.TryParse(value[FixedPrefix.Length..], out int length) && length > 0 =>
            new SegmenterConfig { Type = Segmenters.FixedLength, Length = length },
        _ => null,
    };

    /// <summary>A name may have an equals sign in it, since shards without names are called by their paths; a value has none.</summary>
    private static (string? Name, string Value) Split(string text)
    {
        int at = text.LastIndexOf('=');
        return at < 0 ? (null, text) : (text[..at], text[(at + 1)..]);
    }

    private void Validate(CommandResult result)
    {
        var names = new HashSet<string>();
        foreach (Option<string[]> option in (Option<string[]>[])[_separators, _segmenter])
        {
            foreach (string text in result.GetResult(option)?.Tokens.Select(token => token.Value) ?? [])
            {
                (string? name, string value) = Split(text);
                if (option == _segmenter && Read(value) is null)
                {
                    result.AddError($"--segmenter is '{text}', expected {Segmenters.EveryToken}, {Segmenters.None}, or {FixedPrefix} and a number of tokens, as {FixedPrefix}64");
                }
                else if (!names.Add(name ?? ""))
                {
                    result.AddError(
                        $"--separators and --segmenter say more than once where segments{(name is null ? "" : $" of '{name}'")} end; leave one out, or name the corpora as NAME=VALUE");
                }
            }
        }
    }
}
