using System.Text.Json.Serialization;

namespace BiPE.Core.Data;

/// <summary>
/// A part of a token shard: <c>tokens-NNNNN.bin</c> with the ids of whole documents, and <c>documents-NNNNN.bin</c> with the
/// index of each document's first token in the part, 64 bits, little endian.
/// </summary>
/// <param name="TokenCount">Number of tokens.</param>
/// <param name="DocumentCount">Number of documents.</param>
/// <param name="TokensHash">XXH3 (64 bits, hexadecimal) of the token file.</param>
/// <param name="DocumentsHash">XXH3 (64 bits, hexadecimal) of the file of document starts.</param>
/// <param name="TextHash">Hash of the texts and sets of this part and of all before it, by which interrupted work knows its text again.</param>
public sealed record TokenShardPart(
    long TokenCount,
    long DocumentCount,
    string TokensHash,
    string DocumentsHash,
    [property: JsonNumberHandling(JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)] ulong TextHash);
