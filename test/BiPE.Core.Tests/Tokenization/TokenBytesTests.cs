using System.Text;
using BiPE.Core.Tokenization;
using BiPE.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace BiPE.Core.Tests.Tokenization;

public sealed class TokenBytesTests
{
    private static readonly Config Quick = Config.QuickThrowOnFailure.WithReplay(16, 2401);
    private static readonly string[] Parts = ["The", " ", "  ", "\n", "é", "日本", "🐈", "\u200D", ".", "<0x41>", "<s>", "\t", "\u0001", "\uFFFD", "x = 1"];
    private static readonly Arbitrary<string> Texts = Gen.ListOf(Gen.Elements(Parts)).Select(string.Concat).ToArbitrary();

    [Test]
    public void BytesOfTheByteTokenizerAreItsIds()
    {
        var bytes = new TokenBytes(new ByteTokenizer());

        Assert.That(Enumerable.Range(0, 256).All(id => bytes.Of(id).SequenceEqual([(byte)id])));
        Assert.That(bytes.Of(256).Length + bytes.Of(257).Length + bytes.Of(263).Length, Is.Zero, "special and reserved ids");
    }

    [Test]
    public void BytesOfATextsTokensAreTheText()
    {
        ITokenizer tokenizer = TokenizerFolder.Open(TestFiles.RequireShared("tokenizers", "llama"));
        var bytes = new TokenBytes(tokenizer);

        Prop.ForAll(Texts, text =>
        {
            var ids = new List<int> { tokenizer.BeginOfSentence };
            tokenizer.Encode(text, ids);
            string joined = Encoding.UTF8.GetString([.. ids.SelectMany(id => bytes.Of(id).ToArray())]);
            return joined == (text.Length == 0 ? "" : " " + text);
        }).Check(Quick);
    }
}
