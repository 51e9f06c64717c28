using System.Text;
using BiPE.Core.Tokenization;

namespace BiPE.Core.Evaluation;

/// <summary>How many bytes of UTF-8 each token of a text stands for; special tokens stand for none.</summary>
public sealed class TokenByteCounts
{
    private const char Replacement = '\uFFFD';

    private readonly int[] _bytes;
    private readonly int _prefixBytes;

    /// <summary>Asks a tokenizer.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    public TokenByteCounts(ITokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        var probe = new List<int>();
        tokenizer.Encode("a", probe);
        int before = probe[^1];
        string text = tokenizer.Decode([before]);
        _bytes = [.. Enumerable.Range(0, tokenizer.VocabularySize).Select(id => Count(tokenizer, id, before, text))];

        // A tokenizer may put a space before a text that has none.
        _prefixBytes = probe.Sum(id => _bytes[id]) - 1;
    }

    /// <summary>Bytes of a token, given its place in its document.</summary>
    /// <param name="id">The token.</param>
    /// <param name="index">Its index in the document; 0 is the begin-of-sentence token.</param>
    public int Of(int id, long index) => _bytes[id] - (index == 1 && _bytes[id] > 0 ? _prefixBytes : 0);

    /// <summary>A token is decoded after another, because a text's first token may lose a space.</summary>
    private static int Count(ITokenizer tokenizer, int id, int before, string textBefore)
    {
        string text = tokenizer.Decode([before, id]);
        string own = text.StartsWith(textBefore, StringComparison.Ordinal) ? text[textBefore.Length..] : text;

        // A single byte that is no character of its own is decoded as the replacement character.
        bool isByte = own.Length == 1 && own[0] == Replacement && tokenizer.Piece(id) is ['<', '0', 'x', _, _, '>'];
        return isByte ? 1 : Encoding.UTF8.GetByteCount(own);
    }
}
