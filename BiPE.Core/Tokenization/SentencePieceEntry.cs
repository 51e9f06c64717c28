namespace BiPE.Core.Tokenization;

/// <summary>One row of a SentencePiece vocabulary; its id is its place in the list.</summary>
/// <param name="Text">The piece, with U+2581 for a space.</param>
/// <param name="Score">Priority of the merge that makes it: the highest is merged first.</param>
/// <param name="Type">What kind of piece it is.</param>
internal readonly record struct SentencePieceEntry(string Text, float Score, SentencePieceType Type);
