using BiPE.Core.Tokenization;
using FsCheck;
using FsCheck.Fluent;

namespace BiPE.Core.Tests.Tokenization;

public sealed class ByteTokenizerTests
{
    private readonly ByteTokenizer _tokenizer = new();

    [Test]
    public void BytesOfUtf8AreTheIds()
    {
        Assert.That(_tokenizer.Encode("aé\n"), Is.EqualTo([0x61, 0xC3, 0xA9, 0x0A]));
        Assert.That(_tokenizer.Encode(""), Is.Empty);
    }

    [Test]
    public void EncodeAppends()
    {
        List<int> ids = [_tokenizer.BeginOfSentence];
        _tokenizer.Encode("ab", ids);
        Assert.That(ids, Is.EqualTo([256, 97, 98]));
    }

    [Test]
    public void DecodingGivesTheTextBack()
    {
        Arbitrary<string> texts = Gen.Elements("a", " ", "\n", "é", "中", "😀", "\0", "\uFFFD").ArrayOf().Select(string.Concat).ToArbitrary();
        Prop.ForAll(texts, text => _tokenizer.Decode(_tokenizer.Encode(text).ToArray()) == text).CheckFixed();
    }

    [Test]
    public void LongTextsThatFillTheBufferAtEveryPlaceComeBack([Range(0, 3)] int shift)
    {
        string text = new string('a', shift) + string.Concat(Enumerable.Repeat("😀", 2000));
        Assert.That(_tokenizer.Decode(_tokenizer.Encode(text).ToArray()), Is.EqualTo(text));
    }

    [TestCase("\uD83D")]
    [TestCase("\uDE00")]
    [TestCase("\uDE00\uD83D")]
    public void LoneSurrogatesBecomeReplacementCharacters(string lone)
    {
        string text = "a" + lone + "b";
        Assert.That(
            _tokenizer.Decode(_tokenizer.Encode(text).ToArray()),
            Is.EqualTo("a" + new string('\uFFFD', lone.Length) + "b"));
    }

    [Test]
    public void BytesThatAreNoUtf8BecomeReplacementCharacters()
    {
        Assert.That(_tokenizer.Decode([0x61, 0xFF, 0x62, 0xE4, 0xBD]), Is.EqualTo("a\uFFFDb\uFFFD"));
    }

    [Test]
    public void SpecialAndReservedTokensGiveNothing()
    {
        Assert.That(_tokenizer.Decode([256, 0x61, 263, 0x62, 257]), Is.EqualTo("ab"));
    }

    [Test]
    public void IdsOutsideTheVocabularyAreRefused([Values(-1, 264, int.MaxValue)] int id)
    {
        Assert.That(() => _tokenizer.Decode([id]), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => _tokenizer.Piece(id), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void EveryIdHasAPieceOfItsOwn()
    {
        string[] pieces = [.. Enumerable.Range(0, _tokenizer.VocabularySize).Select(_tokenizer.Piece)];
        Assert.That(pieces, Is.Unique);
        Assert.That(pieces[10], Is.EqualTo("<0x0A>"));
    }

    [Test]
    public void VocabularyIsAMultipleOfEightAndTheFingerprintIsFixed()
    {
        Assert.That(_tokenizer.VocabularySize % 8, Is.Zero);
        Assert.That(_tokenizer.Fingerprint, Does.Match("^[0-9a-f]{64}$").And.EqualTo(new ByteTokenizer().Fingerprint));
    }
}
