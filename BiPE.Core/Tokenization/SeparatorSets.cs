using BiPE.Core.Model;
using BiPE.Core.Positions.Segments;

namespace BiPE.Core.Tokenization;

/// <summary>
/// Ready sets of separators, the tokens that close a segment. The reference's separators for the LLaMA tokenizer are 13, a line
/// feed, and 869, the piece <c>▁.</c>: a full stop with a space before it, not the one that ends a sentence in running text
/// (29889). They are what the released models were trained with.
/// </summary>
public static class SeparatorSets
{
    /// <summary>Name of the reference's set: LLaMA's 13 and 869; for bytes the line feed and the full stop.</summary>
    public const string Reference = "reference";

    /// <summary>Name of the set of all tokens that spell a line feed.</summary>
    public const string Newline = "newline";

    /// <summary>Name of the set of all tokens that spell a line feed or a sentence's end (<c>.</c>, <c>!</c>, <c>?</c>).</summary>
    public const string Sentence = "sentence";

    /// <summary>Names of all ready sets.</summary>
    public static IReadOnlyList<string> Names { get; } = [Reference, Sentence, Newline];

    private const int LlamaLineFeed = 13;
    private const int LlamaSpacedFullStop = 869;

    /// <summary>The set <see cref="Reference"/> for the LLaMA tokenizer, ascending.</summary>
    public static IReadOnlyList<int> LlamaReference => SeparatorSegmenter.ReferenceSeparators;

    /// <summary>
    /// The set <see cref="Sentence"/> for the LLaMA tokenizer, ascending: 13 is the line feed; 36, 49 and 66 are the byte tokens
    /// of <c>! . ?</c>, which encoding never gives but a model may; 869, 1577 and 1738 are <c>▁. ▁? ▁!</c>; 29889, 29973 and
    /// 29991 are <c>. ? !</c>.
    /// </summary>
    public static IReadOnlyList<int> LlamaSentence { get; } = [13, 36, 49, 66, 869, 1577, 1738, 29889, 29973, 29991];

    /// <summary>Ids of a ready set.</summary>
    /// <param name="set"><see cref="Reference"/>, <see cref="Newline"/> or <see cref="Sentence"/>.</param>
    /// <param name="tokenizer">The tokenizer whose ids are wanted.</param>
    /// <returns>Token ids, ascending.</returns>
    /// <exception cref="BipeException">There is no such set, or the tokenizer has no token for one of its texts.</exception>
    public static IReadOnlyList<int> Resolve(string set, ITokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return set switch
        {
            Reference => ResolveReference(tokenizer),
            Newline => FromTexts(tokenizer, ["\n"]),
            Sentence => FromTexts(tokenizer, ["\n", ".", "!", "?"]),
            _ => throw new BipeException(
                $"There is no separator set '{set}': use {Reference}, {Newline} or {Sentence}, or name ids or texts."),
        };
    }

    /// <summary>The separators that a configuration names, as ids.</summary>
    /// <param name="segmenter">Ids, texts or a set.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <exception cref="BipeException">A text or a set has no tokens.</exception>
    public static SegmenterConfig Resolve(SegmenterConfig segmenter, ITokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(segmenter);
        return segmenter switch
        {
            { IsResolved: true } => segmenter,
            { Texts: { } texts } => new SegmenterConfig { Tokens = FromTexts(tokenizer, texts) },
            { Set: { } set } => new SegmenterConfig { Tokens = Resolve(set, tokenizer) },
            _ => throw new BipeException("position.segmenter names neither tokens nor texts nor a set of separators."),
        };
    }

    /// <summary>A configuration whose separators are ids, those of the model's own segmenter and those of corpora and sets.</summary>
    /// <param name="config">Names separators by ids, texts or sets.</param>
    /// <param name="openTokenizer">Opens the model's tokenizer; called only if a text or a set is to be resolved.</param>
    /// <exception cref="BipeException">A text or a set has no tokens, or the tokenizer cannot be opened.</exception>
    public static ModelConfig Resolve(ModelConfig config, Func<ITokenizer> openTokenizer)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(openTokenizer);
        if (config.Segmenter is null or { IsResolved: true } && (config.NamedSegmenters?.Values.All(segmenter => segmenter.IsResolved) ?? true))
        {
            return config;
        }

        ITokenizer tokenizer = openTokenizer();
        return config with
        {
            Segmenter = config.Segmenter is { } own ? Resolve(own, tokenizer) : null,
            NamedSegmenters = config.NamedSegmenters is { } named
                ? new SortedDictionary<string, SegmenterConfig>(
                    named.ToDictionary(entry => entry.Key, entry => Resolve(entry.Value, tokenizer)), StringComparer.Ordinal)
                : null,
        };
    }

    /// <summary>Every token that spells one of the texts, or one of them with a space before it.</summary>
    /// <param name="tokenizer">The tokenizer whose ids are wanted.</param>
    /// <param name="texts">Texts of one token each, for instance <c>"\n"</c> and <c>"."</c>.</param>
    /// <returns>Token ids, ascending.</returns>
    /// <exception cref="BipeException">No text is given, one is empty, or no token spells it.</exception>
    public static IReadOnlyList<int> FromTexts(ITokenizer tokenizer, IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(texts);
        var missing = new HashSet<string>(texts, StringComparer.Ordinal);
        if (missing.Count == 0 || missing.Contains(""))
        {
            throw new BipeException("A separator text is empty or none is given: name at least one, for instance \"\\n\".");
        }

        string[] wanted = [.. missing];
        var ids = new List<int>();
        for (int id = 0; id < tokenizer.VocabularySize; id++)
        {
            string spelled = SpelledText(tokenizer, id);
            bool isSeparator = false;
            foreach (string text in wanted)
            {
                // One token may spell two of the texts: " ." and, after a space, ".".
                if (spelled == text || (spelled.Length == text.Length + 1 && spelled[0] == ' ' && spelled.AsSpan(1).SequenceEqual(text)))
                {
                    isSeparator = true;
                    missing.Remove(text);
                }
            }

            if (isSeparator)
            {
                ids.Add(id);
            }
        }

        return missing.Count == 0
            ? ids
            : throw new BipeException(
                $"No single token of the {tokenizer.Kind} tokenizer spells the separator \"{missing.First()}\": " +
                "use texts that are one token, or name token ids.");
    }

    private static IReadOnlyList<int> ResolveReference(ITokenizer tokenizer)
    {
        if (tokenizer is ByteTokenizer)
        {
            return FromTexts(tokenizer, ["\n", "."]);
        }

        return tokenizer.VocabularySize > LlamaSpacedFullStop
            && tokenizer.Piece(LlamaLineFeed) == "<0x0A>"
            && tokenizer.Piece(LlamaSpacedFullStop) == "\u2581."
            ? LlamaReference
            : throw new BipeException(
                $"The separator set '{Reference}' is ids 13 and 869 of the LLaMA tokenizer, and this tokenizer has other pieces there: " +
                $"use {Sentence} or {Newline}, or name ids or texts.");
    }

    // Decoding may take the space in front of the first token away, never that of the second.
    private static string SpelledText(ITokenizer tokenizer, int id)
    {
        string once = tokenizer.Decode([id]);
        string twice = tokenizer.Decode([id, id]);
        return twice.Length == 2 * once.Length ? once : " " + once;
    }
}
