using BiPE.Core.Data;

namespace BiPE.Cli.Inspection;

/// <summary>What <c>bipe data inspect</c> tells about a token shard as a whole.</summary>
/// <param name="Folder">Where it lies.</param>
/// <param name="Index">What the shard says about itself.</param>
/// <param name="FirstTokens">The first ids.</param>
/// <param name="FirstPieces">Their spelling in the vocabulary; null without the tokenizer.</param>
/// <param name="FirstText">Their text; null without the tokenizer.</param>
internal sealed record ShardReport(
    string Folder, TokenShardIndex Index, IReadOnlyList<int> FirstTokens, IReadOnlyList<string>? FirstPieces, string? FirstText);
