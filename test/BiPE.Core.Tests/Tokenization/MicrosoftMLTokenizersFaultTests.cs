using Microsoft.ML.Tokenizers;
using SentencePieceTokenizer = BiPE.Core.Tokenization.SentencePieceTokenizer;
using BiPE.Testing;

namespace BiPE.Core.Tests.Tokenization;

/// <summary>
/// Why the encoder is written here: Microsoft.ML.Tokenizers 2.0.1 gives other ids than SentencePiece. If a test fails because
/// the library has become right, the library can be weighed again.
/// </summary>
public sealed class MicrosoftMLTokenizersFaultTests
{
    [Test]
    public void TheLibraryBreaksTiesOfATinyModelDifferently()
    {
        byte[] model = TinySentencePiece.With(byteFallback: true, ("\u2581", -9), ("\"", -8), ("\"\"", -1)).ToBytes();
        var ours = new SentencePieceTokenizer(model, "tiny.model");
        int single = ours.Encode("\"")[^1];
        Assert.That(ours.Encode("\"\"\""), Is.EqualTo([single - 1, single + 1, single]));
        Assert.That(Library(model).EncodeToIds("\"\"\""), Is.EqualTo([1, single - 1, single, single + 1]), "the library's fault");
    }

    [Test]
    public void TheLibraryBreaksTiesOfLlamaDifferently()
    {
        byte[] model = File.ReadAllBytes(TestFiles.RequireShared("tokenizers", "llama", "tokenizer.model"));
        var ours = new SentencePieceTokenizer(model, "llama");
        const string Line = "\n\"\"\"PyTorch";
        string[] library = [.. Library(model).EncodeToIds(Line).Select(ours.Piece)];
        Assert.That(ours.Pieces(Line), Is.EqualTo(["\u2581", "<0x0A>", "\"\"", "\"", "Py", "T", "orch"]));
        Assert.That(library, Is.EqualTo(["<s>", "\u2581", "<0x0A>", "\"", "\"\"", "Py", "T", "orch"]), "the library's fault");
    }

    [Test]
    public void TheLibraryForgetsTheBeginOfTheEmptyText()
    {
        byte[] model = TinySentencePiece.With(byteFallback: true, ("\u2581", -9)).ToBytes();
        Assert.That(Library(model).EncodeToIds("\u2581"), Has.ItemAt(0).EqualTo(1));
        Assert.That(Library(model).EncodeToIds(""), Is.Empty, "the library's fault: [1] is right");
    }

    private static LlamaTokenizer Library(byte[] model) =>
        LlamaTokenizer.Create(new MemoryStream(model), addBeginOfSentence: true, addEndOfSentence: false);
}
