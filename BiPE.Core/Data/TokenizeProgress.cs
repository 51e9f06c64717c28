namespace BiPE.Core.Data;

/// <summary>How far tokenizing has come.</summary>
/// <param name="BytesRead">Bytes of the corpus' files read, compressed or not.</param>
/// <param name="TotalBytes">Bytes of all its files.</param>
/// <param name="Documents">Documents written.</param>
/// <param name="Tokens">Tokens written.</param>
/// <param name="TextBytes">Bytes of the text of these tokens, in UTF-8.</param>
public readonly record struct TokenizeProgress(long BytesRead, long TotalBytes, long Documents, long Tokens, long TextBytes);
