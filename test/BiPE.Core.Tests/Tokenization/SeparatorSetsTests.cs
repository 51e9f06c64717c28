using BiPE.Core.Model;
using BiPE.Core.Tokenization;
using BiPE.Testing;

namespace BiPE.Core.Tests.Tokenization;

public sealed class SeparatorSetsTests
{
    private static readonly ByteTokenizer Bytes = new();

    private static readonly SentencePieceTokenizer Tiny = TinySentencePiece.With(
        byteFallback: true, ("\u2581", -9), (".", -8), ("\u2581.", -1), ("..", -2), ("\u2581\u2581.", -3), ("!", -4)).Open();

    [Test]
    public void BytesResolveEverySet()
    {
        Assert.That(SeparatorSets.Resolve("reference", Bytes), Is.EqualTo([10, 46]));
        Assert.That(SeparatorSets.Resolve("newline", Bytes), Is.EqualTo([10]));
        Assert.That(SeparatorSets.Resolve("sentence", Bytes), Is.EqualTo([10, 33, 46, 63]));
    }

    [Test]
    public void TextsTakeTheTokenAloneAndAfterOneSpace()
    {
        Assert.That(
            SeparatorSets.FromTexts(Tiny, ["."]).Select(Tiny.Piece),
            Is.EqualTo(["<0x2E>", ".", "\u2581."]));
        Assert.That(
            SeparatorSets.FromTexts(Tiny, [" .", ".."]).Select(Tiny.Piece),
            Is.EqualTo(["\u2581.", "..", "\u2581\u2581."]));
    }

    [Test]
    public void OneTokenMaySpellTwoOfTheTextsInAnyOrder()
    {
        SentencePieceTokenizer spacedAlone = TinySentencePiece.With(byteFallback: false, ("\u2581", -9), ("\u2581.", -1)).Open();
        Assert.That(SeparatorSets.FromTexts(spacedAlone, [".", " ."]).Select(spacedAlone.Piece), Is.EqualTo(["\u2581."]));
        Assert.That(SeparatorSets.FromTexts(spacedAlone, [" .", "."]).Select(spacedAlone.Piece), Is.EqualTo(["\u2581."]));
    }

    [Test]
    public void SeparatorsThatAreNoIdsYetHaveLabelsOfTheirOwn()
    {
        SegmenterConfig[] named = [new() { Texts = ["\n"] }, new() { Texts = ["\n", "."] }, new() { Texts = ["\n,."] }, new() { Set = "newline" }, new() { Set = "sentence" }];
        Assert.That(named.Select(segmenter => segmenter.Label), Is.Unique.And.No.Member(""));
        Assert.That(SeparatorSets.Resolve(named[0], Bytes).Label, Is.EqualTo("10"));
    }

    [Test]
    public void SetsAreAscendingWithoutRepeats()
    {
        IReadOnlyList<int> ids = SeparatorSets.FromTexts(Tiny, ["!", ".", " .", "!"]);
        Assert.That(ids, Is.Ordered.And.Unique);
    }

    [Test]
    public void TheReferenceSetIsRefusedForOtherVocabularies()
    {
        Assert.That(
            () => SeparatorSets.Resolve("reference", Tiny),
            Throws.TypeOf<BipeException>().With.Message.Contains("869").And.Message.Contains("sentence"));
    }

    [Test]
    public void UnknownSetsAndTextsAreNamed()
    {
        Assert.That(() => SeparatorSets.Resolve("words", Bytes), Throws.TypeOf<BipeException>().With.Message.Contains("words"));
        Assert.That(() => SeparatorSets.FromTexts(Bytes, ["\n", "ab"]), Throws.TypeOf<BipeException>().With.Message.Contains("ab"));
        Assert.That(() => SeparatorSets.FromTexts(Bytes, []), Throws.TypeOf<BipeException>());
        Assert.That(() => SeparatorSets.FromTexts(Bytes, [""]), Throws.TypeOf<BipeException>());
    }

    [Test]
    public void TheConstantsAreLlamas()
    {
        ITokenizer llama = TokenizerFolder.Open(TestFiles.RequireShared("tokenizers", "llama", "tokenizer.model"));
        Assert.That(SeparatorSets.Resolve("reference", llama), Is.EqualTo(SeparatorSets.LlamaReference));
        Assert.That(SeparatorSets.Resolve("sentence", llama), Is.EqualTo(SeparatorSets.LlamaSentence));
        Assert.That(SeparatorSets.Resolve("newline", llama), Is.EqualTo([13]));
    }
}
