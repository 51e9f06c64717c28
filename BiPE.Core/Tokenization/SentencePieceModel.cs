using System.Text;
using Google.Protobuf;

namespace BiPE.Core.Tokenization;

/// <summary>
/// What a <c>tokenizer.model</c> says, as far as encoding and decoding depend on it. The file is a protobuf message;
/// field numbers and defaults are those of SentencePiece's <c>sentencepiece_model.proto</c>.
/// </summary>
internal sealed class SentencePieceModel
{
    private const int BytePairEncoding = 2;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly string _name;
    private readonly List<SentencePieceEntry> _pieces = [];
    private int _modelType = 1;
    private bool _whitespaceAsSuffix;
    private bool _escapesWhitespace = true;
    private bool _hasCharacterMap;
    private string _normalizer = "";
    private string _beginPiece = "<s>";
    private string _endPiece = "</s>";

    private SentencePieceModel(string name) => _name = name;

    public IReadOnlyList<SentencePieceEntry> Pieces => _pieces;

    /// <summary>Whether a character that is no piece becomes its UTF-8 bytes rather than the unknown token.</summary>
    public bool ByteFallback { get; private set; }

    /// <summary>Whether a text gets a space in front, so that its first word is spelled like the others.</summary>
    public bool AddDummyPrefix { get; private set; } = true;

    /// <summary>Whether runs of spaces are one space, and spaces at both ends are dropped.</summary>
    public bool RemoveExtraWhitespaces { get; private set; } = true;

    public int Unknown { get; private set; } = -1;

    public int BeginOfSentence { get; private set; }

    public int EndOfSentence { get; private set; }

    /// <summary>Ids of the 256 byte pieces by byte; empty without <see cref="ByteFallback"/>.</summary>
    public int[] ByteIds { get; private set; } = [];

    /// <param name="bytes">The file's content.</param>
    /// <param name="name">What to call the file in messages.</param>
    /// <exception cref="BipeException">The content is damaged, or asks for what cannot be done exactly here.</exception>
    public static SentencePieceModel Parse(byte[] bytes, string name)
    {
        GitLfsPointer.Refuse(name, bytes);
        var model = new SentencePieceModel(name);
        try
        {
            model.ReadModel(new CodedInputStream(bytes));
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or DecoderFallbackException)
        {
            throw new BipeException(
                $"'{name}' is no readable SentencePiece model ({e.Message}); the file may be cut short or damaged: fetch it again.", e);
        }

        model.RefuseWhatWouldDiffer();
        model.IndexPieces();
        return model;
    }

    private void ReadModel(CodedInputStream input)
    {
        uint tag;
        while ((tag = input.ReadTag()) != 0)
        {
            switch (tag)
            {
                case 1 << 3 | 2:
                    ReadPiece(input.ReadBytes().CreateCodedInput());
                    break;
                case 2 << 3 | 2:
                    ReadTrainer(input.ReadBytes().CreateCodedInput());
                    break;
                case 3 << 3 | 2:
                    ReadNormalizer(input.ReadBytes().CreateCodedInput(), forDecoding: false);
                    break;
                case 5 << 3 | 2:
                    ReadNormalizer(input.ReadBytes().CreateCodedInput(), forDecoding: true);
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }
    }

    private void ReadPiece(CodedInputStream input)
    {
        string text = "";
        float score = 0;
        var type = SentencePieceType.Normal;
        uint tag;
        while ((tag = input.ReadTag()) != 0)
        {
            switch (tag)
            {
                case 1 << 3 | 2:
                    text = ReadText(input);
                    break;
                case 2 << 3 | 5:
                    score = input.ReadFloat();
                    break;
                case 3 << 3 | 0:
                    type = (SentencePieceType)input.ReadEnum();
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }

        _pieces.Add(new SentencePieceEntry(text, score, type));
    }

    private void ReadTrainer(CodedInputStream input)
    {
        uint tag;
        while ((tag = input.ReadTag()) != 0)
        {
            switch (tag)
            {
                case 3 << 3 | 0:
                    _modelType = input.ReadEnum();
                    break;
                case 24 << 3 | 0:
                    _whitespaceAsSuffix = input.ReadBool();
                    break;
                case 35 << 3 | 0:
                    ByteFallback = input.ReadBool();
                    break;
                case 46 << 3 | 2:
                    _beginPiece = ReadText(input);
                    break;
                case 47 << 3 | 2:
                    _endPiece = ReadText(input);
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }
    }

    private void ReadNormalizer(CodedInputStream input, bool forDecoding)
    {
        uint tag;
        while ((tag = input.ReadTag()) != 0)
        {
            switch (tag)
            {
                case 1 << 3 | 2 when !forDecoding:
                    _normalizer = ReadText(input);
                    break;
                case 2 << 3 | 2:
                    _hasCharacterMap |= !input.ReadBytes().IsEmpty;
                    break;
                case 3 << 3 | 0 when !forDecoding:
                    AddDummyPrefix = input.ReadBool();
                    break;
                case 4 << 3 | 0 when !forDecoding:
                    RemoveExtraWhitespaces = input.ReadBool();
                    break;
                case 5 << 3 | 0 when !forDecoding:
                    _escapesWhitespace = input.ReadBool();
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }
    }

    private static string ReadText(CodedInputStream input) => StrictUtf8.GetString(input.ReadBytes().Span);

    private void RefuseWhatWouldDiffer()
    {
        if (_modelType != BytePairEncoding)
        {
            string type = _modelType switch { 1 => "unigram", 3 => "word", 4 => "char", _ => $"number {_modelType}" };
            throw new BipeException(
                $"'{_name}' is a SentencePiece model of type {type} with {_pieces.Count} pieces; only type BPE is read: " +
                "use a BPE model, or fetch the file again if it should be one (it may be cut short).");
        }

        if (_hasCharacterMap)
        {
            throw new BipeException(
                $"'{_name}' rewrites characters before encoding (normalizer '{_normalizer}'); only models of normalizer 'identity' " +
                "are read, because their ids can be made exactly: use such a model.");
        }

        if (_whitespaceAsSuffix || !_escapesWhitespace)
        {
            string found = _whitespaceAsSuffix ? "treat_whitespace_as_suffix on" : "escape_whitespaces off";
            throw new BipeException($"'{_name}' has {found}, which is not read here: use a model with SentencePiece's default.");
        }
    }

    private void IndexPieces()
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var byteIds = new int[256];
        Array.Fill(byteIds, -1);
        for (int id = 0; id < _pieces.Count; id++)
        {
            SentencePieceEntry piece = _pieces[id];
            if (piece.Text.Length == 0 || !float.IsFinite(piece.Score) || !Enum.IsDefined(piece.Type))
            {
                throw Damaged($"piece {id} has the spelling '{piece.Text}', score {piece.Score} and type {(int)piece.Type}");
            }

            if (!ids.TryAdd(piece.Text, id))
            {
                throw Damaged($"the piece '{piece.Text}' stands at ids {ids[piece.Text]} and {id}");
            }

            switch (piece.Type)
            {
                case SentencePieceType.Unknown when Unknown >= 0:
                    throw Damaged($"ids {Unknown} and {id} are both the unknown token");
                case SentencePieceType.Unknown:
                    Unknown = id;
                    break;
                case SentencePieceType.Byte:
                    byteIds[ByteOf(piece.Text, id)] = id;
                    break;
                case SentencePieceType.UserDefined when RemoveExtraWhitespaces && piece.Text.Contains(' ', StringComparison.Ordinal):
                    throw new BipeException(
                        $"'{_name}' removes extra spaces and has the user-defined piece '{piece.Text}' with a space in it; this pair " +
                        "is not read here: use a model without one of them.");
            }
        }

        if (Unknown < 0)
        {
            throw Damaged("it has no unknown token");
        }

        if (ByteFallback)
        {
            int missing = Array.IndexOf(byteIds, -1);
            ByteIds = missing < 0 ? byteIds : throw Damaged($"it falls back to bytes and has no piece <0x{missing:X2}>");
        }

        BeginOfSentence = ControlId(ids, _beginPiece, "begin-of-sentence");
        EndOfSentence = ControlId(ids, _endPiece, "end-of-sentence");
    }

    private int ByteOf(string text, int id)
    {
        if (!ByteFallback)
        {
            throw Damaged($"piece {id} is a byte and the model does not fall back to bytes");
        }

        return text.Length == 6 && text.StartsWith("<0x", StringComparison.Ordinal) && text[5] == '>'
            && byte.TryParse(text.AsSpan(3, 2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out byte value)
            ? value
            : throw Damaged($"piece {id} is of type byte and spelled '{text}' instead of <0x00> to <0xFF>");
    }

    private int ControlId(Dictionary<string, int> ids, string piece, string role) =>
        ids.TryGetValue(piece, out int id) && _pieces[id].Type == SentencePieceType.Control
            ? id
            : throw new BipeException(
                $"'{_name}' has no {role} token (control piece '{piece}'); documents need both: use a model that has them.");

    private BipeException Damaged(string what) =>
        new($"'{_name}' is no valid SentencePiece model: {what}; the file may be damaged: fetch it again.");
}
