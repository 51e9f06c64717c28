using BiPE.Core.Data;

namespace BiPE.Cli.Commands;

/// <summary>What <c>bipe data inspect</c> tells.</summary>
/// <param name="Index">What the shard says about itself.</param>
/// <param name="BytesPerToken">Bytes of UTF-8 text for each token.</param>
/// <param name="Documents">Tokens of documents.</param>
/// <param name="Separators">Ids that close a segment.</param>
/// <param name="Segments">Tokens of segments.</param>
/// <param name="FirstTokens">The first ids.</param>
/// <param name="FirstPieces">Their spelling in the vocabulary; null without the tokenizer.</param>
/// <param name="FirstText">Their text; null without the tokenizer.</param>
internal sealed record ShardReport(
    TokenShardIndex Index,
    double BytesPerToken,
    LengthReport Documents,
    IReadOnlyList<int> Separators,
    LengthReport Segments,
    IReadOnlyList<int> FirstTokens,
    IReadOnlyList<string>? FirstPieces,
    string? FirstText);
