using System.Text;

namespace BiPE.Core.Tests.Tokenization;

/// <summary>
/// SentencePiece's byte-pair encoding by its definition, in quadratic time: look at all neighbours, merge the best, begin again.
/// Knows normal and user-defined pieces, on the whole text at once.
/// </summary>
internal static class NaiveBytePairEncoding
{
    public static List<int> Encode(TinySentencePiece model, string text)
    {
        var normal = new Dictionary<string, (int Id, float Score)>(StringComparer.Ordinal);
        var userDefined = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int id = 0; id < model.Pieces.Count; id++)
        {
            (string piece, float score, int type) = model.Pieces[id];
            if (type == TinySentencePiece.Normal)
            {
                normal.Add(piece, (id, score));
            }
            else if (type == TinySentencePiece.UserDefined)
            {
                userDefined.Add(piece, id);
            }
        }

        List<(string Text, int UserDefined)> symbols = Split(Normalize(model, text), userDefined);
        while (Best(symbols, normal) is var best and >= 0)
        {
            symbols[best] = (symbols[best].Text + symbols[best + 1].Text, -1);
            symbols.RemoveAt(best + 1);
        }

        var ids = new List<int>();
        bool afterUnknown = false;
        foreach ((string symbol, int fixedId) in symbols)
        {
            bool unknown = fixedId < 0 && !normal.ContainsKey(symbol);
            if (!unknown)
            {
                ids.Add(fixedId >= 0 ? fixedId : normal[symbol].Id);
            }
            else if (model.ByteFallback)
            {
                ids.AddRange(Encoding.UTF8.GetBytes(symbol).Select(value => TinySentencePiece.Specials.Count + value));
            }
            else if (!afterUnknown)
            {
                ids.Add(0);
            }

            afterUnknown = unknown;
        }

        return ids;
    }

    private static string Normalize(TinySentencePiece model, string text)
    {
        if (model.RemoveExtraWhitespaces)
        {
            text = string.Join(' ', text.Split(' ', StringSplitOptions.RemoveEmptyEntries)).TrimEnd(' ', '\u2581');
        }

        return text.Length == 0 ? "" : ((model.AddDummyPrefix ? " " : "") + text).Replace(' ', '\u2581');
    }

    private static List<(string Text, int UserDefined)> Split(string text, Dictionary<string, int> userDefined)
    {
        var symbols = new List<(string, int)>();
        for (int start = 0; start < text.Length; start += symbols[^1].Item1.Length)
        {
            string? longest = userDefined.Keys
                .Where(piece => string.CompareOrdinal(text, start, piece, 0, piece.Length) == 0)
                .MaxBy(piece => piece.Length);
            string character = text.Substring(start, char.IsHighSurrogate(text[start]) ? 2 : 1);
            symbols.Add(longest is null ? (character, -1) : (longest, userDefined[longest]));
        }

        return symbols;
    }

    private static int Best(List<(string Text, int UserDefined)> symbols, Dictionary<string, (int Id, float Score)> normal)
    {
        int best = -1;
        float bestScore = float.NegativeInfinity;
        for (int i = 0; i + 1 < symbols.Count; i++)
        {
            bool free = symbols[i].UserDefined < 0 && symbols[i + 1].UserDefined < 0;
            string together = symbols[i].Text + symbols[i + 1].Text;
            if (free && normal.TryGetValue(together, out (int Id, float Score) piece) && piece.Score > bestScore)
            {
                (best, bestScore) = (i, piece.Score);
            }
        }

        return best;
    }
}
