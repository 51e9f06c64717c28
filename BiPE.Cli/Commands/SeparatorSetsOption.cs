using System.CommandLine;
using BiPE.Cli.Console;
using BiPE.Core;
using BiPE.Core.Data.Statistics;
using BiPE.Core.Tokenization;

namespace BiPE.Cli.Commands;

/// <summary>The option <c>--separators</c> of commands that compare several sets of separators.</summary>
internal sealed class SeparatorSetsOption
{
    private const string LlamaKind = "sentencepiece";
    private const int LlamaVocabularySize = 32000;
    private static readonly string[] AllNames = [SeparatorSets.Reference, SeparatorSets.Sentence, SeparatorSets.Newline];

    private readonly Option<string[]> _option = new("--separators")
    {
        Description = $"Tokens that close a segment: ids separated by commas, or a set, {string.Join(", ", AllNames)}; several are compared. [default: all three sets]",
        HelpName = "SET|ID,ID,..",
        AllowMultipleArgumentsPerToken = true,
    };

    /// <summary>Adds the option to a command.</summary>
    /// <param name="command">The command.</param>
    public SeparatorSetsOption(Command command) => command.Options.Add(_option);

    /// <summary>The sets with their ids.</summary>
    /// <param name="parsed">Values of the options.</param>
    /// <param name="tokenizer">Tells the ids of a set's texts; null if it is not known.</param>
    /// <param name="kind">Kind of the tokenizer, known or not.</param>
    /// <param name="vocabularySize">Its number of ids.</param>
    /// <exception cref="BipeException">There is no such set, it needs the tokenizer, or an id is outside the vocabulary.</exception>
    public IReadOnlyList<SeparatorSet> Resolve(ParseResult parsed, ITokenizer? tokenizer, string kind, int vocabularySize)
    {
        bool isGiven = parsed.GetValue(_option) is { Length: > 0 };
        string[] names = isGiven ? [.. parsed.GetValue(_option)!.Distinct()] : AllNames;
        if (tokenizer is null && names.Intersect(AllNames).Any())
        {
            RequireLlama(kind, vocabularySize);
        }

        var sets = new List<SeparatorSet>();
        foreach (string name in names)
        {
            try
            {
                IReadOnlyList<int> ids = tokenizer is null ? LlamaIds(name) : SeparatorOption.Resolve(name, tokenizer);
                SeparatorOption.RequireVocabulary(ids, kind, vocabularySize);
                sets.Add(new SeparatorSet(name, ids));
            }
            catch (BipeException e) when (!isGiven && name != AllNames[^1])
            {
                // Not every tokenizer has every set; nobody asked for this one.
                Terminal.Note($"Without the separators '{name}': {e.Message}");
            }
        }

        return sets;
    }

    private static void RequireLlama(string kind, int vocabularySize)
    {
        if (kind != LlamaKind || vocabularySize != LlamaVocabularySize)
        {
            throw new BipeException($"A set of separators has ids only with its tokenizer, and the {kind} tokenizer of {vocabularySize} ids is not given; add --tokenizer, or name ids as 13,869.");
        }

        Terminal.Note("The tokenizer is not given; the separators are those of the LLaMA tokenizer, which has as many ids.");
    }

    private static IReadOnlyList<int> LlamaIds(string name) => name switch
    {
        SeparatorSets.Sentence => SeparatorSets.LlamaSentence,
        SeparatorSets.Newline => [.. SeparatorSets.LlamaReference.Take(1)],
        _ => SeparatorOption.Resolve(name, null),
    };
}
