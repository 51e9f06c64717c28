using System.CommandLine;
using BiPE.Core;
using BiPE.Core.Tokenization;

namespace BiPE.Cli.Commands;

/// <summary>The option <c>--separators</c>: which tokens close a segment.</summary>
internal sealed class SeparatorOption
{
    private readonly Option<string?> _option;

    /// <summary>Adds the option to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="defaultDescription">What is taken if the option is not given.</param>
    public SeparatorOption(Command command, string defaultDescription)
    {
        _option = new Option<string?>("--separators")
        {
            Description = $"Tokens that close a segment: ids separated by commas, or a set, reference, sentence or newline. [default: {defaultDescription}]",
            HelpName = "SET|ID,ID,..",
        };
        command.Options.Add(_option);
    }

    /// <summary>Ids of the separators.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <param name="tokenizer">Tells the ids of a set's texts; null if it is not known.</param>
    /// <exception cref="BipeException">There is no such set, or it needs the tokenizer.</exception>
    public IReadOnlyList<int> Resolve(ParseResult parsed, ITokenizer? tokenizer) =>
        Resolve(parsed.GetValue(_option) ?? (tokenizer is null ? SeparatorSets.Reference : SeparatorSets.Sentence), tokenizer);

    /// <summary>Ids of the separators that a value of the option names.</summary>
    /// <param name="value">Ids, or a set's name.</param>
    /// <param name="tokenizer">Tells the ids of a set's texts; null if it is not known.</param>
    /// <exception cref="BipeException">There is no such set, or it needs the tokenizer.</exception>
    public static IReadOnlyList<int> Resolve(string value, ITokenizer? tokenizer)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (IdsOf(value) is { } ids)
        {
            return ids;
        }

        if (tokenizer is not null)
        {
            return SeparatorSets.Resolve(value, tokenizer);
        }

        return value == SeparatorSets.Reference
            ? SeparatorSets.LlamaReference
            : throw new BipeException($"The separators '{value}' are no ids, and a set has ids only with its tokenizer; add --tokenizer, or name ids as 13,869.");
    }

    /// <summary>Refuses separators that are no tokens.</summary>
    /// <param name="ids">Ids of the separators.</param>
    /// <param name="kind">Kind of the tokenizer.</param>
    /// <param name="vocabularySize">Its number of ids.</param>
    /// <exception cref="BipeException">An id is outside the vocabulary.</exception>
    public static void RequireVocabulary(IReadOnlyList<int> ids, string kind, int vocabularySize)
    {
        int largest = ids.Max();
        if (largest >= vocabularySize)
        {
            throw new BipeException($"The separator {largest} is no token: the {kind} tokenizer has ids 0 .. {vocabularySize - 1}.");
        }
    }

    /// <summary>Ids separated by commas; null if the value is something else.</summary>
    /// <param name="value">A value of the option.</param>
    public static IReadOnlyList<int>? IdsOf(string value)
    {
        var ids = new List<int>();
        foreach (string part in value.Split(','))
        {
            if (!int.TryParse(part, out int id) || id < 0)
            {
                return null;
            }

            ids.Add(id);
        }

        return ids;
    }
}
