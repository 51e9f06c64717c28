namespace BiPE.Core.Tokenization;

/// <summary>Turns text into token ids and back.</summary>
public interface ITokenizer
{
    /// <summary>What kind of tokenizer it is: <c>bytes</c> or <c>sentencepiece</c>.</summary>
    string Kind { get; }

    /// <summary>Number of ids; every id is in <c>0 .. VocabularySize - 1</c>.</summary>
    int VocabularySize { get; }

    /// <summary>Id of the begin-of-sentence token that opens a document.</summary>
    int BeginOfSentence { get; }

    /// <summary>Id of the end-of-sentence token.</summary>
    int EndOfSentence { get; }

    /// <summary>Whether <c>bipe tokenizer encode</c> and scoring put <see cref="BeginOfSentence"/> first, as the tokenizer's configuration says.</summary>
    bool AddsBeginOfSentence { get; }

    /// <summary>Hash of everything that decides ids (SHA-256, hexadecimal), to tell token shards of different tokenizers apart.</summary>
    string Fingerprint { get; }

    /// <summary>Appends the ids of <paramref name="text"/> to <paramref name="ids"/>; no begin- or end-of-sentence token is added.</summary>
    /// <param name="text">Text; special tokens' spellings are plain text.</param>
    /// <param name="ids">Receives the ids, after those it holds.</param>
    void Encode(ReadOnlySpan<char> text, List<int> ids);

    /// <summary>Text of <paramref name="ids"/>; special tokens give nothing.</summary>
    /// <param name="ids">Token ids.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is outside the vocabulary.</exception>
    string Decode(ReadOnlySpan<int> ids);

    /// <summary>The vocabulary's own spelling of one token (SentencePiece's piece, <c>&lt;0x0A&gt;</c> for a byte).</summary>
    /// <param name="id">Token id.</param>
    /// <exception cref="ArgumentOutOfRangeException">The id is outside the vocabulary.</exception>
    string Piece(int id);
}
