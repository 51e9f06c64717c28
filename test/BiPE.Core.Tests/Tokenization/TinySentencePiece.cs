using Google.Protobuf;

namespace BiPE.Core.Tests.Tokenization;

/// <summary>Writes small SentencePiece models, so that tests need no tokenizer file. Ids are places in <see cref="Pieces"/>.</summary>
internal sealed record TinySentencePiece
{
    public const int Normal = 1;
    public const int Unknown = 2;
    public const int Control = 3;
    public const int UserDefined = 4;
    public const int Unused = 5;
    public const int Byte = 6;

    public const int Unigram = 1;
    public const int Bpe = 2;

    public static IReadOnlyList<(string Text, float Score, int Type)> Specials { get; } =
        [("<unk>", 0, Unknown), ("<s>", 0, Control), ("</s>", 0, Control)];

    public static IReadOnlyList<(string Text, float Score, int Type)> Bytes { get; } =
        [.. Enumerable.Range(0, 256).Select(value => ($"<0x{value:X2}>", 0f, Byte))];

    public IReadOnlyList<(string Text, float Score, int Type)> Pieces { get; init; } = Specials;

    public int ModelType { get; init; } = Bpe;

    public bool ByteFallback { get; init; }

    public bool AddDummyPrefix { get; init; } = true;

    public bool RemoveExtraWhitespaces { get; init; }

    public bool EscapeWhitespaces { get; init; } = true;

    public string CharacterMap { get; init; } = "";

    /// <summary>A model of the special tokens, the bytes if wanted, and the given normal pieces.</summary>
    public static TinySentencePiece With(bool byteFallback, params (string Text, float Score)[] pieces) => new()
    {
        ByteFallback = byteFallback,
        Pieces = [.. Specials, .. byteFallback ? Bytes : [], .. pieces.Select(piece => (piece.Text, piece.Score, Normal))],
    };

    public byte[] ToBytes()
    {
        return Message(model =>
        {
            foreach ((string text, float score, int type) in Pieces)
            {
                Field(model, 1, Message(piece =>
                {
                    Field(piece, 1, System.Text.Encoding.UTF8.GetBytes(text));
                    piece.WriteTag(2, WireFormat.WireType.Fixed32);
                    piece.WriteFloat(score);
                    Field(piece, 3, type);
                }));
            }

            Field(model, 2, Message(trainer =>
            {
                Field(trainer, 3, ModelType);
                Field(trainer, 35, ByteFallback ? 1 : 0);
            }));
            Field(model, 3, Message(normalizer =>
            {
                Field(normalizer, 1, "identity"u8);
                Field(normalizer, 2, System.Text.Encoding.UTF8.GetBytes(CharacterMap));
                Field(normalizer, 3, AddDummyPrefix ? 1 : 0);
                Field(normalizer, 4, RemoveExtraWhitespaces ? 1 : 0);
                Field(normalizer, 5, EscapeWhitespaces ? 1 : 0);
            }));
        });
    }

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            write(output);
        }

        return stream.ToArray();
    }

    private static void Field(CodedOutputStream output, int number, ReadOnlySpan<byte> value)
    {
        output.WriteTag(number, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(value));
    }

    private static void Field(CodedOutputStream output, int number, int value)
    {
        output.WriteTag(number, WireFormat.WireType.Varint);
        output.WriteInt32(value);
    }
}
