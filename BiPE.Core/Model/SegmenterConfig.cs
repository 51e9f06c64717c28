using System.Text.Json;
using BiPE.Core.Positions.Segments;
using BiPE.Core.Tokenization;

namespace BiPE.Core.Model;

/// <summary>
/// The <c>position.segmenter</c> section of a configuration, or one of <c>position.segmenters</c>: what closes a segment. A saved configuration always has
/// the ids; sets and texts are resolved with the tokenizer when a model is made.
/// </summary>
public sealed record SegmenterConfig
{
    /// <summary>What kind it is (<c>type</c>); see <see cref="Segmenters.Types"/>.</summary>
    public string Type { get; init; } = Segmenters.Separators;

    /// <summary>Tokens a segment (<c>length</c>), of the type <see cref="Segmenters.FixedLength"/>.</summary>
    public int Length { get; init; }

    /// <summary>Ids of the separator tokens (<c>tokens</c>), or null if they are named by <see cref="Set"/> or <see cref="Texts"/>.</summary>
    public IReadOnlyList<int>? Tokens { get; init; }

    /// <summary>Texts whose tokens are separators (<c>texts</c>), for instance <c>"\n"</c> and <c>"."</c>.</summary>
    public IReadOnlyList<string>? Texts { get; init; }

    /// <summary>A ready set (<c>set</c>): <c>reference</c>, <c>sentence</c> or <c>newline</c>.</summary>
    public string? Set { get; init; }

    /// <summary>Whether a segmenter can be made: its separators, if it has some, are ids.</summary>
    public bool IsResolved => Type != Segmenters.Separators || Tokens is not null;

    /// <summary>
    /// The segmenter in short: its separators as ids in ascending order, <c>13,869</c>, or its type, <c>fixed:64</c>. Equal labels split alike;
    /// separators that are no ids yet have labels of their own, <c>texts:"\n","."</c> or <c>set:newline</c>.
    /// </summary>
    public string Label => this switch
    {
        { Type: Segmenters.Separators, Tokens: { } tokens } => string.Join(',', tokens.Distinct().Order()),
        { Type: Segmenters.Separators, Texts: { } texts } => $"texts:{string.Join(',', texts.Select(text => JsonSerializer.Serialize(text)))}",
        { Type: Segmenters.Separators } => $"set:{Set}",
        { Type: Segmenters.FixedLength } => $"{Type}:{Length}",
        _ => Type,
    };

    /// <summary>The segmenter in words, for messages.</summary>
    public string Description => this switch
    {
        { Type: Segmenters.FixedLength } => $"segments have {Length} tokens",
        { Type: Segmenters.EveryToken } => "every token is a segment",
        { Type: Segmenters.None } => "a row is one segment",
        { Tokens: { } tokens } => $"segments end at {string.Join(", ", tokens)}",
        { Texts: { } texts } => $"segments end at {string.Join(", ", texts.Select(text => $"'{text.ReplaceLineEndings("\\n")}'"))}",
        _ => $"segments end at the set {Set}",
    };

    /// <summary>Checks every value and their relations.</summary>
    /// <param name="source">What to name in the message, for instance the file that was read.</param>
    /// <param name="key">The segmenter's key in a configuration, for instance <c>position.segmenter</c>.</param>
    /// <param name="vocabularySize">Ids of the model.</param>
    /// <exception cref="BipeException">The type or set is unknown, or a value is out of range or does not fit the type.</exception>
    internal void Validate(string source, string key, int vocabularySize)
    {
        if (!Segmenters.Types.Contains(Type))
        {
            throw new BipeException(
                $"{source}: '{key}.type' is {(Type.Length == 0 ? "missing" : $"'{Type}'")}; {NearestName.Suggest(Type, Segmenters.Types)}");
        }

        if (Type == Segmenters.FixedLength ? Length < 1 : Length != 0)
        {
            throw new BipeException(
                $"{source}: '{key}.length' is {Length}, expected a positive number of tokens with the type fixed, and none with others.");
        }

        int given = (Tokens is null ? 0 : 1) + (Texts is null ? 0 : 1) + (Set is null ? 0 : 1);
        if (Type != Segmenters.Separators)
        {
            if (given > 0)
            {
                throw new BipeException($"{source}: '{key}' of the type {Type} has {given} of tokens, texts and set, expected none.");
            }

            return;
        }

        if (given != 1 || Tokens is { Count: 0 } || Texts is { Count: 0 } || (Texts?.Contains("") ?? false))
        {
            throw new BipeException(
                $"{source}: '{key}' has {given} of tokens, texts and set, expected one of them, and no empty list or text.");
        }

        if (Set is { } set && !SeparatorSets.Names.Contains(set))
        {
            throw new BipeException($"{source}: '{key}.set' is '{set}', which is not known; {NearestName.Suggest(set, SeparatorSets.Names)}");
        }

        foreach (int token in Tokens ?? [])
        {
            if (token < 0 || token >= vocabularySize)
            {
                throw new BipeException(
                    $"{source}: '{key}.tokens' has {token}, expected ids from 0 to {vocabularySize - 1} (vocab_size - 1).");
            }
        }
    }
}
