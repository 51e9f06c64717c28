using BiPE.Core.Tokenization;

namespace BiPE.Core.Tests.Data;

/// <summary>The fake tokenizer, which tells when it is used.</summary>
/// <param name="onEncode">Called before each text, by any thread.</param>
internal sealed class WatchedTokenizer(Action onEncode) : ITokenizer
{
    private readonly FakeTokenizer _inner = new();

    public string Kind => _inner.Kind;

    public int VocabularySize => _inner.VocabularySize;

    public int BeginOfSentence => _inner.BeginOfSentence;

    public int EndOfSentence => _inner.EndOfSentence;

    public bool AddsBeginOfSentence => _inner.AddsBeginOfSentence;

    public string Fingerprint => _inner.Fingerprint;

    public void Encode(ReadOnlySpan<char> text, List<int> ids)
    {
        onEncode();
        _inner.Encode(text, ids);
    }

    public string Decode(ReadOnlySpan<int> ids) => _inner.Decode(ids);

    public string Piece(int id) => _inner.Piece(id);
}
