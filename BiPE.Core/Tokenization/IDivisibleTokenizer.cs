namespace BiPE.Core.Tokenization;

/// <summary>A tokenizer that can encode a long text in parts, one after the other or at the same time.</summary>
public interface IDivisibleTokenizer : ITokenizer
{
    /// <summary>
    /// Finds a place where the text may be cut: the ids of <c>text[..cut]</c>, by <see cref="ITokenizer.Encode"/>, and then those
    /// of <c>text[cut..]</c>, by <see cref="EncodeAfterCut"/>, are the ids of the whole.
    /// </summary>
    /// <param name="text">The text, or what follows an earlier cut of it.</param>
    /// <param name="near">The cut is the first at this place or after it, at least 1.</param>
    /// <returns>Length of the part before the cut; the length of the text if there is none.</returns>
    int FindCut(ReadOnlySpan<char> text, int near);

    /// <summary>Appends the ids of a text that follows a cut.</summary>
    /// <param name="text">Text from the cut on, or up to the next cut.</param>
    /// <param name="ids">Receives the ids, after those it holds.</param>
    void EncodeAfterCut(ReadOnlySpan<char> text, List<int> ids);
}
