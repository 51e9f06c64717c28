namespace BiPE.Core.Tokenization;

/// <summary>Kinds of pieces, numbered as in SentencePiece's <c>sentencepiece_model.proto</c>.</summary>
internal enum SentencePieceType
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}
