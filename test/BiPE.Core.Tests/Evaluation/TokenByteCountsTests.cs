using System.Text;
using BiPE.Core.Evaluation;
using BiPE.Core.Tokenization;
using BiPE.Testing;

namespace BiPE.Core.Tests.Evaluation;

public sealed class TokenByteCountsTests
{
    private static readonly string[] Texts = ["", "a", "word", " two words", "  \n\ttabs", "naïve 中文 \U0001F600 \uFFFD", "▁", "x▁ y", "1. 2.\r\n", "<s> <0x0A>"];

    [Test]
    public void TokensOfBytesAreBytes() => CountsAddUp(new ByteTokenizer());

    [Test]
    public void TokensOfTheLlamaTokenizerAddUpToTheText() =>
        CountsAddUp(TokenizerFolder.Open(TestFiles.RequireShared("tokenizers", "llama")));

    private static void CountsAddUp(ITokenizer tokenizer)
    {
        var counts = new TokenByteCounts(tokenizer);
        Assert.That(counts.Of(tokenizer.BeginOfSentence, 0), Is.Zero);
        Assert.That(counts.Of(tokenizer.EndOfSentence, 5), Is.Zero);
        foreach (string text in Texts)
        {
            var ids = new List<int> { tokenizer.BeginOfSentence };
            tokenizer.Encode(text, ids);

            // SentencePiece writes a space for U+2581 too.
            string stood = tokenizer.Kind == "bytes" ? text : text.Replace('▁', ' ');
            Assert.That(ids.Index().Sum(pair => counts.Of(pair.Item, pair.Index)), Is.EqualTo(Encoding.UTF8.GetByteCount(stood)), text);
        }
    }
}
