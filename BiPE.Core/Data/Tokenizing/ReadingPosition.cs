namespace BiPE.Core.Data.Tokenizing;

/// <summary>Where the reading of a corpus stands behind a document.</summary>
/// <param name="Documents">Number of documents so far.</param>
/// <param name="TextHash">Hash of all their texts and their order, by which the same corpus is known again.</param>
/// <param name="BrokenLines">Number of broken lines so far.</param>
internal readonly record struct ReadingPosition(long Documents, ulong TextHash, long BrokenLines);
