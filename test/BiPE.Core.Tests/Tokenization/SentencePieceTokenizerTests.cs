using BiPE.Core.Tokenization;
using FsCheck;
using FsCheck.Fluent;

namespace BiPE.Core.Tests.Tokenization;

public sealed class SentencePieceTokenizerTests
{
    private static readonly TinySentencePiece WithBytes = TinySentencePiece.With(
        byteFallback: true,
        ("\u2581", -90), ("a", -91), ("b", -92), ("c", -93), ("é", -94),
        ("\u2581\u2581", -5), ("\u2581a", -1), ("ab", -2), ("bc", -2), ("aa", -2), ("\u2581ab", -3), ("abc", -4), ("aab", -2), ("é😀", -6));

    private static readonly TinySentencePiece WithoutBytes = TinySentencePiece.With(
        byteFallback: false, ("\u2581", -90), ("a", -91), ("b", -92), ("ab", 2), ("ba", 2), ("\u2581a", 0f), ("\u2581b", -0f));

    // Merges cross words here, so the text must not be cut before spaces.
    private static readonly TinySentencePiece AcrossWords = TinySentencePiece.With(
        byteFallback: true, ("\u2581", -90), ("a", -91), ("b", -92), ("a\u2581", -1), ("\u2581b", -2), ("a\u2581b", -3), ("ba\u2581", -1));

    private static readonly TinySentencePiece WithUserDefined = WithBytes with
    {
        Pieces = [.. WithBytes.Pieces, ("b\u2581a", 0, TinySentencePiece.UserDefined), ("bb", 0, TinySentencePiece.UserDefined)],
    };

    private static readonly Dictionary<string, TinySentencePiece> Models = new()
    {
        ["bytes"] = WithBytes,
        ["no bytes"] = WithoutBytes,
        ["across words"] = AcrossWords,
        ["user-defined"] = WithUserDefined,
        ["no dummy prefix"] = WithBytes with { AddDummyPrefix = false },
        ["no extra spaces"] = WithBytes with { RemoveExtraWhitespaces = true },
    };

    [Test]
    public void IdsAreThoseOfTheDefinition([ValueSource(nameof(ModelNames))] string name)
    {
        TinySentencePiece model = Models[name];
        SentencePieceTokenizer tokenizer = model.Open();
        Gen<string> texts = Gen.Elements("a", "a", "b", "b", "c", " ", " ", "\n", "é", "😀", "\u2581", "zz").ArrayOf().Select(string.Concat);
        Prop.ForAll(texts.ToArbitrary(), text => tokenizer.Encode(text).SequenceEqual(NaiveBytePairEncoding.Encode(model, text)))
            .CheckFixed();
    }

    [Test]
    public void LongTextsHaveTheIdsOfTheDefinition([ValueSource(nameof(ModelNames))] string name)
    {
        var random = new Random(7);
        string text = string.Concat(Enumerable.Range(0, 1500).Select(_ => "aaabbbc   \né"[random.Next(12)]));
        Assert.That(Models[name].Open().Encode(text), Is.EqualTo(NaiveBytePairEncoding.Encode(Models[name], text)));
    }

    [Test]
    public void EqualScoresMergeFromTheLeft()
    {
        SentencePieceTokenizer tokenizer = TinySentencePiece.With(false, ("\u2581", -9), ("\"", -8), ("\"\"", -1)).Open();
        Assert.That(tokenizer.Pieces("\"\"\""), Is.EqualTo(["\u2581", "\"\"", "\""]));
    }

    [Test]
    public void HigherScoresMergeFirst()
    {
        SentencePieceTokenizer tokenizer = TinySentencePiece.With(false, ("a", -9), ("b", -9), ("c", -9), ("ab", -2), ("bc", -1)).Open();
        Assert.That(tokenizer.Pieces("xabc"), Is.EqualTo(["<unk>", "a", "bc"]));
    }

    [Test]
    public void ZeroAndMinusZeroAreEqualScores()
    {
        SentencePieceTokenizer tokenizer = TinySentencePiece.With(false, ("a", -9), ("b", -9), ("c", -9), ("ab", -0f), ("bc", 0f)).Open();
        Assert.That(tokenizer.Pieces("abc")[^2..], Is.EqualTo(["ab", "c"]));
    }

    [Test]
    public void UnknownCharactersBecomeTheirBytes()
    {
        Assert.That(WithBytes.Open().Pieces("b中\n"), Is.EqualTo(["\u2581", "b", "<0xE4>", "<0xB8>", "<0xAD>", "<0x0A>"]));
    }

    [Test]
    public void WithoutBytesARunOfUnknownCharactersIsOneToken()
    {
        Assert.That(WithoutBytes.Open().Pieces("x\nyazx"), Is.EqualTo(["\u2581", "<unk>", "a", "<unk>"]));
    }

    [Test]
    public void ACharacterThatIsNoPieceMergesIntoPieces()
    {
        SentencePieceTokenizer tokenizer = TinySentencePiece.With(true, ("\u2581", -9), ("xy", -1), ("xyz", -2)).Open();
        Assert.That(tokenizer.Pieces("xyzx"), Is.EqualTo(["\u2581", "xyz", "<0x78>"]));
    }

    [Test]
    public void SpacesAreKeptAsTheyAre()
    {
        SentencePieceTokenizer tokenizer = WithBytes.Open();
        Assert.That(tokenizer.Pieces(" a"), Is.EqualTo(["\u2581", "\u2581a"]));
        Assert.That(tokenizer.Pieces("  "), Is.EqualTo(["\u2581\u2581", "\u2581"]));
        Assert.That(tokenizer.Decode(tokenizer.Encode("  a  b ").ToArray()), Is.EqualTo("  a  b "));
    }

    [Test]
    public void ExtraSpacesGoWhereTheModelSaysSo()
    {
        SentencePieceTokenizer tokenizer = Models["no extra spaces"].Open();
        Assert.That(tokenizer.Encode("  a   b "), Is.EqualTo(tokenizer.Encode("a b")));
        Assert.That(tokenizer.Encode("   "), Is.Empty);
    }

    [Test]
    public void TheEmptyTextHasNoIds([ValueSource(nameof(ModelNames))] string name)
    {
        Assert.That(Models[name].Open().Encode(""), Is.Empty);
    }

    [Test]
    public void SpellingsOfSpecialTokensArePlainText()
    {
        SentencePieceTokenizer tokenizer = WithBytes.Open();
        Assert.That(tokenizer.Encode("<s>"), Has.None.EqualTo(tokenizer.BeginOfSentence));
        Assert.That(tokenizer.Decode(tokenizer.Encode("<s></s><unk><0x0A>").ToArray()), Is.EqualTo("<s></s><unk><0x0A>"));
    }

    [Test]
    public void UserDefinedPiecesAreTakenWholeAndNeverMerged()
    {
        Assert.That(WithUserDefined.Open().Pieces("ab abbb"), Is.EqualTo(["\u2581a", "b\u2581a", "bb", "b"]));
    }

    // What SentencePiece 0.1.97 gave for this model and text.
    [Test]
    public void UnusedPiecesAreTakenApartAgain()
    {
        TinySentencePiece model = new()
        {
            Pieces =
            [
                .. TinySentencePiece.Specials, ("\u2581", -9, TinySentencePiece.Normal), ("a", -8, TinySentencePiece.Normal),
                ("b", -8, TinySentencePiece.Normal), ("ab", -1, TinySentencePiece.Unused), ("abb", -2, TinySentencePiece.Normal),
            ],
        };
        Assert.That(model.Open().Pieces("ab abb"), Is.EqualTo(["\u2581", "a", "b", "\u2581", "abb"]));
    }

    [Test]
    public void LoneSurrogatesCountAsReplacementCharacters([Values("\uD83D", "\uDE00", "a\uD83Da", "\uDE00\uD83D")] string text)
    {
        SentencePieceTokenizer tokenizer = WithBytes.Open();
        string replaced = string.Concat(text.Select(c => char.IsSurrogate(c) ? '\uFFFD' : c));
        Assert.That(tokenizer.Encode(text), Is.EqualTo(tokenizer.Encode(replaced)));
    }

    [Test]
    public void BytesThatAreNoUtf8BecomeOneReplacementCharacterEach()
    {
        SentencePieceTokenizer tokenizer = WithBytes.Open();
        int first = tokenizer.Encode("\u0001")[^1] - 1;
        Assert.That(tokenizer.Decode([first + 0xE4, first + 0xB8, first + 0x41]), Is.EqualTo("\uFFFD\uFFFD\uFFFD"));
        Assert.That(tokenizer.Decode([first + 0xE4, 1, first + 0xB8, 0, first + 0xAD]), Is.EqualTo("中"), "special tokens give nothing");
    }

    [Test]
    public void IdsOutsideTheVocabularyAreRefused([Values(-1, 1000)] int id)
    {
        SentencePieceTokenizer tokenizer = WithBytes.Open();
        Assert.That(() => tokenizer.Decode([id]), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => tokenizer.Piece(id), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void ManyThreadsShareOneTokenizer()
    {
        SentencePieceTokenizer tokenizer = WithBytes.Open();
        string[] texts =
        [
            .. Enumerable.Range(0, 400)
                .Select(i => $"ab{Convert.ToString(i, 2).Replace('0', 'a').Replace('1', 'b')} caab {(char)('a' + i % 26)}é"),
        ];
        List<int>[] together = [.. texts.AsParallel().AsOrdered().WithDegreeOfParallelism(4).Select(tokenizer.Encode)];
        Assert.That(together, Is.EqualTo(texts.Select(text => NaiveBytePairEncoding.Encode(WithBytes, text))));
    }

    [Test]
    public void TheFingerprintTellsModelsAndSettingsApart()
    {
        byte[] bytes = WithBytes.ToBytes();
        string[] fingerprints =
        [
            new SentencePieceTokenizer(bytes, "a").Fingerprint,
            new SentencePieceTokenizer(bytes, "a", addsBeginOfSentence: false).Fingerprint,
            WithoutBytes.Open().Fingerprint,
        ];
        Assert.That(fingerprints, Is.Unique.And.All.Match("^[0-9a-f]{64}$"));
        Assert.That(new SentencePieceTokenizer(bytes, "b").Fingerprint, Is.EqualTo(fingerprints[0]));
    }

    private static string[] ModelNames() => [.. Models.Keys];
}
