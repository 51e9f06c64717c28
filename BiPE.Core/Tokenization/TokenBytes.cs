using System.Globalization;
using System.Text;

namespace BiPE.Core.Tokenization;

/// <summary>
/// The bytes that tokens stand for. A character may be spread over several tokens (bytes of UTF-8, the fallback for characters
/// outside a vocabulary), so one token's text alone may be no text at all; its bytes always are what they are.
/// </summary>
public sealed class TokenBytes
{
    private const int ByteSpellingLength = 6;

    private readonly ITokenizer _tokenizer;
    private readonly Dictionary<int, byte[]> _known = [];

    /// <summary>Prepares reading a vocabulary.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    public TokenBytes(ITokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        _tokenizer = tokenizer;
    }

    /// <summary>Bytes of a token, UTF-8 if joined with those of its neighbours; a special token has none.</summary>
    /// <param name="id">Token id.</param>
    /// <returns>The bytes, with the space in front of a word that decoding takes away from the first one.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The id is outside the vocabulary.</exception>
    public ReadOnlySpan<byte> Of(int id)
    {
        if (!_known.TryGetValue(id, out byte[]? bytes))
        {
            _known[id] = bytes = Find(id);
        }

        return bytes;
    }

    private byte[] Find(int id)
    {
        string once = _tokenizer.Decode([id]);
        string piece = _tokenizer.Piece(id);

        // A piece that is spelled like a byte and decodes to its spelling is text.
        if (piece.Length == ByteSpellingLength && piece != once && piece.StartsWith("<0x", StringComparison.Ordinal) && piece[^1] == '>'
            && byte.TryParse(piece.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
        {
            return [value];
        }

        // Decoding may take the space in front of the first token away, never that of the second.
        string twice = _tokenizer.Decode([id, id]);
        return Encoding.UTF8.GetBytes(twice.Length == 2 * once.Length ? once : " " + once);
    }
}
