using System.Runtime.InteropServices;
using System.Text;
using BiPE.Core.Tokenization;

namespace BiPE.Core.Data.Tokenizing;

/// <summary>Encodes chunks; one for each worker.</summary>
internal sealed class ChunkEncoder(ITokenizer tokenizer, int elementBytes)
{
    private const int KeptCapacity = 1 << 20;

    private List<int> _ids = [];

    /// <summary>Sets the tokens of the chunk and the counts of its slices.</summary>
    /// <exception cref="BipeException">The tokenizer gives an id outside its vocabulary.</exception>
    public void Encode(TextChunk chunk)
    {
        int start = 0;
        foreach (ref DocumentSlice slice in chunk.Slices)
        {
            ReadOnlySpan<char> text = chunk.Text.Slice(start, slice.Length);
            start += slice.Length;
            _ids.Clear();
            if (slice.IsFirst)
            {
                _ids.Add(tokenizer.BeginOfSentence);
                tokenizer.Encode(text, _ids);
            }
            else
            {
                ((IDivisibleTokenizer)tokenizer).EncodeAfterCut(text, _ids);
            }

            ReadOnlySpan<int> ids = CollectionsMarshal.AsSpan(_ids);
            Check(ids, slice.Origin);
            chunk.Tokens.Add(ids, elementBytes);
            slice.TokenCount = ids.Length;
            slice.TextBytes = Encoding.UTF8.GetByteCount(text);
        }

        if (_ids.Capacity > KeptCapacity)
        {
            _ids = [];
        }
    }

    private void Check(ReadOnlySpan<int> ids, DocumentOrigin origin)
    {
        int bad = ids.IndexOfAnyExceptInRange(0, tokenizer.VocabularySize - 1);
        if (bad >= 0)
        {
            throw new BipeException($"The {tokenizer.Kind} tokenizer gave the id {ids[bad]} for {origin.Source}, line {origin.Line}, but its vocabulary has {tokenizer.VocabularySize} ids; check that its files belong together.");
        }
    }
}
