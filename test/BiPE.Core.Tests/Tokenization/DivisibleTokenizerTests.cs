using BiPE.Core.Tokenization;
using FsCheck;
using FsCheck.Fluent;

namespace BiPE.Core.Tests.Tokenization;

public sealed class DivisibleTokenizerTests
{
    private static readonly Dictionary<string, IDivisibleTokenizer> Tokenizers = new()
    {
        ["bytes"] = new ByteTokenizer(),
        ["pieces and bytes"] = TinySentencePiece.With(
            true, ("\u2581", -90), ("a", -91), ("b", -92), ("é", -93), ("\u2581a", -1), ("ab", -2), ("a\u2581", -3), ("é😀", -4)).Open(),
        ["unknown characters"] = TinySentencePiece.With(false, ("\u2581", -90), ("a", -91), ("b", -92), ("ab", -1)).Open(),
        ["extra spaces removed"] = (TinySentencePiece.With(true, ("\u2581", -90), ("a", -91)) with { RemoveExtraWhitespaces = true }).Open(),
    };

    [Test]
    public void TheIdsOfThePartsAreTheIdsOfTheWhole([ValueSource(nameof(Names))] string name, [Values(1, 2, 5)] int near)
    {
        IDivisibleTokenizer tokenizer = Tokenizers[name];
        Gen<string> texts = Gen.Elements("a", "b", " ", "é", "😀", "\n", "\u2581", "zz", "\uD83D", "\uDE00").ArrayOf().Select(string.Concat);
        Prop.ForAll(texts.ToArbitrary(), text => InParts(tokenizer, text, near).SequenceEqual(tokenizer.Encode(text))).CheckFixed();
    }

    [Test]
    public void AWordIsCutBeforeItsSpaceAtTheEarliest()
    {
        Assert.That(Tokenizers["pieces and bytes"].FindCut("b b bb", 1), Is.EqualTo(1));
        Assert.That(Tokenizers["pieces and bytes"].FindCut("b b bb", 2), Is.EqualTo(2));
        Assert.That(Tokenizers["pieces and bytes"].FindCut("ba a ab", 2), Is.EqualTo(7), "every two of these may join");
        Assert.That(Tokenizers["extra spaces removed"].FindCut("a\na", 1), Is.EqualTo(3), "what is removed depends on the whole");
    }

    private static List<int> InParts(IDivisibleTokenizer tokenizer, ReadOnlySpan<char> text, int near)
    {
        var ids = new List<int>();
        bool isFirst = true;
        while (!text.IsEmpty)
        {
            int cut = near < text.Length ? tokenizer.FindCut(text, near) : text.Length;
            if (isFirst)
            {
                tokenizer.Encode(text[..cut], ids);
            }
            else
            {
                tokenizer.EncodeAfterCut(text[..cut], ids);
            }

            text = text[cut..];
            isFirst = false;
        }

        return ids;
    }

    private static string[] Names() => [.. Tokenizers.Keys];
}
