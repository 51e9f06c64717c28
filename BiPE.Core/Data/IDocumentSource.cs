namespace BiPE.Core.Data;

/// <summary>Tokens of documents, joined, and where each document starts.</summary>
public interface IDocumentSource : ITokenSource
{
    /// <summary>Number of documents.</summary>
    long DocumentCount { get; }

    /// <summary>Index of a document's first token; for <see cref="DocumentCount"/>, the number of tokens.</summary>
    /// <param name="document">Number of the document, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such document.</exception>
    long DocumentStart(long document);
}
