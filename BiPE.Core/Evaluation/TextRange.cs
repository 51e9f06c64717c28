using BiPE.Core.Data;

namespace BiPE.Core.Evaluation;

/// <summary>Tokens from which blocks are cut.</summary>
/// <param name="Start">First token.</param>
/// <param name="End">The token after the last.</param>
internal readonly record struct TextRange(long Start, long End)
{
    /// <summary>All documents joined, or each for itself.</summary>
    /// <param name="documents">The tokens.</param>
    /// <param name="withinDocuments">Whether each document is a range.</param>
    /// <param name="maximumTokens">Ranges that start beyond this many tokens are left out.</param>
    public static IEnumerable<TextRange> Of(IDocumentSource documents, bool withinDocuments, long maximumTokens)
    {
        ArgumentNullException.ThrowIfNull(documents);
        if (!withinDocuments)
        {
            yield return new TextRange(0, documents.TokenCount);
            yield break;
        }

        for (long document = 0; document < documents.DocumentCount; document++)
        {
            var range = new TextRange(documents.DocumentStart(document), documents.DocumentStart(document + 1));
            if (range.Start >= maximumTokens)
            {
                yield break;
            }

            yield return range;
        }
    }
}
