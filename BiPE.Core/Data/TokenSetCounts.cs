namespace BiPE.Core.Data;

/// <summary>What a set of the corpus contributed to a token shard.</summary>
/// <param name="Documents">Number of documents.</param>
/// <param name="Tokens">Number of tokens, begin-of-sentence tokens included.</param>
/// <param name="TextBytes">Bytes of the text in UTF-8.</param>
public sealed record TokenSetCounts(long Documents, long Tokens, long TextBytes);
