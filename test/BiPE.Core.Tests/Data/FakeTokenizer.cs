using BiPE.Core.Tokenization;

namespace BiPE.Core.Tests.Data;

/// <summary>A token for every UTF-16 character: its code plus the first id. 0 and 1 are the sentence's begin and end.</summary>
internal sealed class FakeTokenizer : ITokenizer
{
    public FakeTokenizer(int vocabularySize = 300, int firstId = 2)
    {
        VocabularySize = vocabularySize;
        FirstId = firstId;
    }

    public string Kind => "fake";

    public int VocabularySize { get; }

    public int FirstId { get; }

    public int BeginOfSentence => 0;

    public int EndOfSentence => 1;

    public bool AddsBeginOfSentence => true;

    public string Fingerprint => $"fake-tokenizer-{VocabularySize}-{FirstId}";

    public void Encode(ReadOnlySpan<char> text, List<int> ids)
    {
        foreach (char character in text)
        {
            ids.Add(character + FirstId);
        }
    }

    public string Decode(ReadOnlySpan<int> ids)
    {
        string text = "";
        foreach (int id in ids)
        {
            text += id < FirstId ? "" : (char)(id - FirstId);
        }

        return text;
    }

    public string Piece(int id) => ((char)(id - FirstId)).ToString();
}
