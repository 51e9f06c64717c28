namespace BiPE.Core.Data;

/// <summary>The mapped files of a part of a token shard.</summary>
/// <param name="Tokens">Token ids.</param>
/// <param name="Documents">Starts of documents in the part.</param>
/// <param name="FirstToken">Index of the part's first token in the shard.</param>
/// <param name="FirstDocument">Number of the part's first document in the shard.</param>
/// <param name="Counts">What the index says about the part.</param>
internal sealed record MappedPart(MappedFile Tokens, MappedFile Documents, long FirstToken, long FirstDocument, TokenShardPart Counts) : IDisposable
{
    public void Dispose()
    {
        Tokens.Dispose();
        Documents.Dispose();
    }
}
