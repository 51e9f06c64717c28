using BiPE.Core.Tokenization;

namespace BiPE.Core.Tests.Tokenization;

public sealed class SentencePieceModelErrorTests
{
    private static readonly TinySentencePiece Good = TinySentencePiece.With(
        byteFallback: false, ("\u2581", -9), ("a", -8), ("é", -8), ("\u2581a", -1));

    [Test]
    public void AModelCutShortAnywhereIsRefusedOrLoads()
    {
        byte[] bytes = Good.ToBytes();
        int refused = 0;
        for (int length = 0; length < bytes.Length; length++)
        {
            try
            {
                Assert.That(new SentencePieceTokenizer(bytes.AsSpan(0, length), "cut.model").VocabularySize, Is.EqualTo(Good.Pieces.Count));
            }
            catch (BipeException e)
            {
                Assert.That(e.Message, Does.Contain("cut.model"));
                refused++;
            }
        }

        Assert.That(refused, Is.GreaterThan(bytes.Length * 2 / 3));
    }

    [Test]
    public void AModelWithAnyByteChangedIsRefusedOrLoads()
    {
        byte[] bytes = Good.ToBytes();
        for (int i = 0; i < bytes.Length; i++)
        {
            foreach (int change in (int[])[1, 4, 0x80, 0xFF])
            {
                byte[] damaged = [.. bytes];
                damaged[i] ^= (byte)change;
                try
                {
                    new SentencePieceTokenizer(damaged, "damaged.model").Encode("a é");
                }
                catch (BipeException e)
                {
                    Assert.That(e.Message, Does.Contain("damaged.model"));
                }
            }
        }
    }

    [Test]
    public void WhatCannotBeDoneExactlyIsRefused()
    {
        AssertRefused(Good with { ModelType = TinySentencePiece.Unigram }, "unigram");
        AssertRefused(Good with { CharacterMap = "map" }, "identity");
        AssertRefused(Good with { EscapeWhitespaces = false }, "escape_whitespaces");
        AssertRefused(With(("x y", 0, TinySentencePiece.UserDefined)) with { RemoveExtraWhitespaces = true }, "x y");
    }

    [Test]
    public void InvalidVocabulariesAreRefused()
    {
        AssertRefused(With(("a", -8, TinySentencePiece.Normal)), "'a'");
        AssertRefused(With(("<s>", -8, TinySentencePiece.Normal)), "'<s>'");
        AssertRefused(With(("", -8, TinySentencePiece.Normal)), "piece 7");
        AssertRefused(With(("b", float.NaN, TinySentencePiece.Normal)), "NaN");
        AssertRefused(With(("b", 0, 9)), "type 9");
        AssertRefused(With(("<u>", 0, TinySentencePiece.Unknown)), "unknown");
        AssertRefused(With(("<0x41>", 0, TinySentencePiece.Byte)), "fall back");
        AssertRefused(Good with { ByteFallback = true }, "<0x00>");
        AssertRefused(With(("<0xG0>", 0, TinySentencePiece.Byte)) with { ByteFallback = true }, "<0xG0>");
        AssertRefused(Good with { Pieces = [.. Good.Pieces.Skip(1)] }, "unknown");
        AssertRefused(Good with { Pieces = [.. Good.Pieces.Where(piece => piece.Text != "<s>")] }, "begin-of-sentence");
        AssertRefused(Good with { Pieces = [.. Good.Pieces.Where(piece => piece.Text != "</s>")] }, "end-of-sentence");
    }

    private static TinySentencePiece With((string Text, float Score, int Type) piece) => Good with { Pieces = [.. Good.Pieces, piece] };

    private static void AssertRefused(TinySentencePiece model, string reason) =>
        Assert.That(() => model.Open(), Throws.TypeOf<BipeException>().With.Message.Contains("tiny.model").And.Message.Contains(reason));
}
