using System.Text;

namespace BiPE.Core.Tokenization;

/// <summary>
/// A SentencePiece vocabulary in the form that merging needs. A symbol is a piece's id, or <c>~codePoint</c> for a character
/// that is no piece.
/// </summary>
internal sealed class BytePairVocabulary
{
    private const char SpaceSymbol = '\u2581';
    private const int AsciiCharacters = 128;

    private readonly SentencePieceModel _model;
    private readonly int[] _basicPlaneSymbols = new int[0x10000];
    private readonly Dictionary<int, int> _otherSymbols = [];
    private readonly Dictionary<string, int> _userDefined = new(StringComparer.Ordinal);
    private readonly int _longestUserDefined;
    private readonly PairTable _merges = new();
    private readonly PairTable _neighbours = new();

    // A bit for each two ASCII characters: nearly all neighbours in most texts, in 2 KB. The space stands for U+2581.
    private readonly ulong[] _asciiNeighbours = new ulong[2 * AsciiCharacters];
    private readonly uint[] _priorities;

    public BytePairVocabulary(SentencePieceModel model)
    {
        _model = model;
        _priorities = new uint[model.Pieces.Count];
        var mergeable = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < _basicPlaneSymbols.Length; i++)
        {
            _basicPlaneSymbols[i] = ~i;
        }

        for (int id = 0; id < model.Pieces.Count; id++)
        {
            SentencePieceEntry piece = model.Pieces[id];
            _priorities[id] = Priority(piece.Score);
            switch (piece.Type)
            {
                case SentencePieceType.Normal or SentencePieceType.Unused:
                    mergeable.Add(piece.Text, id);
                    break;
                case SentencePieceType.UserDefined:
                    _userDefined.Add(piece.Text, id);
                    _longestUserDefined = Math.Max(_longestUserDefined, piece.Text.Length);
                    break;
            }

            HasUnused |= piece.Type == SentencePieceType.Unused;

            // A special token of one character leaves that character unknown: its spelling in a text is plain text.
            bool isText = piece.Type is SentencePieceType.Normal or SentencePieceType.Unused or SentencePieceType.UserDefined;
            if (isText && IsOneCharacter(piece.Text))
            {
                SetSymbol(Rune.GetRuneAt(piece.Text, 0).Value, id);
            }
        }

        foreach (string text in mergeable.Keys.Concat(_userDefined.Keys))
        {
            AddNeighbours(text);
        }

        AddMerges(mergeable);
    }

    /// <summary>Whether pieces exist that may be merged through but not written.</summary>
    public bool HasUnused { get; }

    /// <summary>
    /// Whether a text may be cut as <see cref="NextCut"/> says. Not with unused pieces: what one is taken apart into depends on
    /// where else in the text it was proposed.
    /// </summary>
    public bool MayCut => !HasUnused;

    /// <summary>The piece that two neighbouring symbols make, or -1.</summary>
    public int Merge(int left, int right) => _merges.Find(left, right);

    /// <summary>Order of the merge that makes a piece: the smallest goes first, equal ones from left to right.</summary>
    public uint PriorityOf(int piece) => _priorities[piece];

    public bool IsUnused(int piece) => HasUnused && _model.Pieces[piece].Type == SentencePieceType.Unused;

    /// <summary>
    /// Where the text may be cut. Where no piece holds the two characters left and right of a place side by side, no symbol ever
    /// spans it: what is left of it and what is right of it are merged as if the other were not there, and the ids of the two
    /// parts, one after the other, are the ids of the whole.
    /// </summary>
    /// <param name="text">Text in which the space and U+2581 are the same.</param>
    /// <param name="position">Place of the first character that may stand right of the cut, at least 1.</param>
    /// <returns>The first such place from <paramref name="position"/> on, or the length of the text.</returns>
    public int NextCut(ReadOnlySpan<char> text, int position)
    {
        ulong[] neighbours = _asciiNeighbours;
        for (; position < text.Length; position++)
        {
            int left = text[position - 1];
            int right = text[position];
            bool mayJoin = (left | right) < AsciiCharacters
                ? (neighbours[(2 * left) + (right >> 6)] >> right & 1) != 0
                : MayJoinAround(text, position);
            if (!mayJoin)
            {
                break;
            }
        }

        return position;
    }

    /// <summary>Whether any piece holds a space, as the dummy prefix is one, and then the first character of a text.</summary>
    public bool MayJoinSpaceBefore(ReadOnlySpan<char> text)
    {
        Rune.DecodeFromUtf16(text, out Rune first, out _);
        return MayJoin(SpaceSymbol, first.Value);
    }

    /// <summary>Whether a character is a piece, or spelled by pieces of bytes, so that it is not part of a run of unknown ones.</summary>
    public bool IsKnown(char character) => _model.ByteFallback || _basicPlaneSymbols[character == ' ' ? SpaceSymbol : character] >= 0;

    /// <summary>First symbol of a text before any merge: the longest user-defined piece, or one character.</summary>
    /// <param name="text">Text that is not empty, has no lone surrogate, and has U+2581 for a space.</param>
    /// <param name="length">Receives the number of UTF-16 units that the symbol takes.</param>
    public int FirstSymbol(ReadOnlySpan<char> text, out int length)
    {
        if (_longestUserDefined > 0)
        {
            var lookup = _userDefined.GetAlternateLookup<ReadOnlySpan<char>>();
            for (length = Math.Min(_longestUserDefined, text.Length); length > 0; length--)
            {
                if (lookup.TryGetValue(text[..length], out int id))
                {
                    return id;
                }
            }
        }

        Rune.DecodeFromUtf16(text, out Rune character, out length);
        return SymbolOf(character.Value);
    }

    /// <summary>
    /// Appends what SentencePiece writes for a symbol that is not merged further (and is not unused). Without byte fallback a run
    /// of unknown characters is one unknown token.
    /// </summary>
    public void Write(int symbol, List<int> ids)
    {
        if (symbol >= 0)
        {
            ids.Add(symbol);
        }
        else if (_model.ByteFallback)
        {
            Span<byte> bytes = stackalloc byte[4];
            int count = new Rune(~symbol).EncodeToUtf8(bytes);
            foreach (byte value in bytes[..count])
            {
                ids.Add(_model.ByteIds[value]);
            }
        }
        else if (ids.Count == 0 || ids[^1] != _model.Unknown)
        {
            ids.Add(_model.Unknown);
        }
    }

    private int SymbolOf(int codePoint) =>
        codePoint < _basicPlaneSymbols.Length ? _basicPlaneSymbols[codePoint]
        : _otherSymbols.TryGetValue(codePoint, out int id) ? id
        : ~codePoint;

    private void SetSymbol(int codePoint, int id)
    {
        if (codePoint < _basicPlaneSymbols.Length)
        {
            _basicPlaneSymbols[codePoint] = id;
        }
        else
        {
            _otherSymbols[codePoint] = id;
        }
    }

    // SentencePiece asks for every two neighbours whether their spellings together are a piece; symbols are characters or
    // pieces, so all splits of all pieces into two of these are all merges there are. User-defined pieces never merge.
    private void AddMerges(Dictionary<string, int> mergeable)
    {
        var lookup = mergeable.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach ((string text, int id) in mergeable)
        {
            int split = 0;
            foreach (Rune character in text.EnumerateRunes())
            {
                split += character.Utf16SequenceLength;
                if (split < text.Length
                    && TryGetSymbol(lookup, text.AsSpan(0, split), out int left)
                    && TryGetSymbol(lookup, text.AsSpan(split), out int right))
                {
                    _merges.Set(left, right, id);
                }
            }
        }
    }

    private bool TryGetSymbol(Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup, ReadOnlySpan<char> text, out int symbol)
    {
        if (!IsOneCharacter(text))
        {
            return lookup.TryGetValue(text, out symbol);
        }

        Rune.DecodeFromUtf16(text, out Rune character, out _);
        symbol = SymbolOf(character.Value);
        return symbol < 0 || _model.Pieces[symbol].Type != SentencePieceType.UserDefined;
    }

    private void AddNeighbours(string text)
    {
        int left = -1;
        foreach (Rune character in text.EnumerateRunes())
        {
            int right = character.Value;
            if (left >= 0)
            {
                int asciiLeft = AsciiOf(left);
                int asciiRight = AsciiOf(right);
                if ((asciiLeft | asciiRight) < AsciiCharacters)
                {
                    _asciiNeighbours[(2 * asciiLeft) + (asciiRight >> 6)] |= 1UL << asciiRight;
                }
                else
                {
                    _neighbours.Set(asciiLeft, asciiRight, 0);
                }
            }

            left = right;
        }
    }

    private bool MayJoinAround(ReadOnlySpan<char> text, int position)
    {
        if (char.IsSurrogatePair(text[position - 1], text[position]))
        {
            return true;
        }

        Rune.DecodeLastFromUtf16(text[..position], out Rune left, out _);
        Rune.DecodeFromUtf16(text[position..], out Rune right, out _);
        return MayJoin(left.Value, right.Value);
    }

    private bool MayJoin(int left, int right)
    {
        left = AsciiOf(left);
        right = AsciiOf(right);
        return (left | right) < AsciiCharacters
            ? (_asciiNeighbours[(2 * left) + (right >> 6)] >> right & 1) != 0
            : _neighbours.Find(left, right) >= 0;
    }

    private static int AsciiOf(int codePoint) => codePoint == SpaceSymbol ? ' ' : codePoint;

    private static bool IsOneCharacter(ReadOnlySpan<char> text) =>
        text.Length == 1 || (text.Length == 2 && char.IsSurrogatePair(text[0], text[1]));

    // The bits of a float, reordered so that the highest score gives the smallest number. Adding zero makes -0 the same as 0.
    private static uint Priority(float score)
    {
        uint bits = BitConverter.SingleToUInt32Bits(score + 0f);
        uint ascending = bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits;
        return ~ascending;
    }
}
