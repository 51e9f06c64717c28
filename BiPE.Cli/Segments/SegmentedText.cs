using System.Text;
using BiPE.Core.Positions.Segments;
using BiPE.Core.Tokenization;

namespace BiPE.Cli.Segments;

/// <summary>Splits the tokens of a text into segments, and its characters among the tokens.</summary>
internal static class SegmentedText
{
    /// <summary>Computes ids and characters.</summary>
    /// <param name="ids">Token ids of one row.</param>
    /// <param name="tokenizer">The tokenizer that made them.</param>
    /// <param name="separators">Ids that close a segment.</param>
    public static IReadOnlyList<SegmentedToken> Of(IReadOnlyList<int> ids, ITokenizer tokenizer, IReadOnlyList<int> separators)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentNullException.ThrowIfNull(tokenizer);
        string?[] texts = Texts(ids, new TokenBytes(tokenizer));
        var segmenter = new SeparatorSegmenter(separators);
        var closing = separators.ToHashSet();
        SegmenterState state = default;
        var tokens = new List<SegmentedToken>(ids.Count);
        foreach ((int index, int id) in ids.Index())
        {
            (int segment, int offset) = segmenter.Advance(id, ref state);
            tokens.Add(new SegmentedToken(id, tokenizer.Piece(id), texts[index], segment, offset, closing.Contains(id)));
        }

        return tokens;
    }

    /// <summary>Gives each character to the token that has its first byte. Bytes that are no UTF-8 become U+FFFD.</summary>
    private static string?[] Texts(IReadOnlyList<int> ids, TokenBytes bytes)
    {
        var all = new List<byte>();
        var owners = new List<int>();
        var texts = new string?[ids.Count];
        foreach ((int index, int id) in ids.Index())
        {
            ReadOnlySpan<byte> own = bytes.Of(id);
            texts[index] = own.IsEmpty ? "" : null;
            foreach (byte value in own)
            {
                all.Add(value);
                owners.Add(index);
            }
        }

        ReadOnlySpan<byte> rest = all.ToArray();
        for (int at = 0; at < all.Count;)
        {
            Rune.DecodeFromUtf8(rest[at..], out Rune character, out int length);
            texts[owners[at]] += character.ToString();
            at += length;
        }

        return texts;
    }
}
