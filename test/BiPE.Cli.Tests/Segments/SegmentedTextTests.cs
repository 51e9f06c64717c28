using BiPE.Cli.Segments;
using BiPE.Core.Tokenization;
using FsCheck;
using FsCheck.Fluent;

namespace BiPE.Cli.Tests.Segments;

internal sealed class SegmentedTextTests
{
    private static readonly Config Quick = Config.QuickThrowOnFailure.WithReplay(16, 2401);
    private static readonly string[] Parts = ["The", " ", "\n", "é", "日本", "🐈", ".", "\e[31m", "\r", "\t", "\u202E", "\u0085", "\uFFFD", "\0"];
    private static readonly Arbitrary<string> Texts = Gen.ListOf(Gen.Elements(Parts)).Select(string.Concat).ToArbitrary();

    [Test]
    public void TheTokensTextsAreTheText()
    {
        Prop.ForAll(Texts, text => string.Concat(Split(text, 10, 46).Select(token => token.Text)) == text).Check(Quick);
    }

    [Test]
    public void ASegmentStartsBehindEachSeparator()
    {
        Prop.ForAll(Texts, text =>
        {
            // The begin-of-sentence token is in the first segment, so only the one behind the last separator may have no tokens.
            int separators = text.Count(character => character is '.' or '\n');
            int segments = text.EndsWith('.') || text.EndsWith('\n') ? separators : separators + 1;
            return Split(text, 10, 46).Where(token => token.Offset == 0).Select(token => token.Segment).SequenceEqual(Enumerable.Range(0, segments));
        }).Check(Quick);
    }

    [Test]
    public void CharactersBelongToTheTokenOfTheirFirstByte()
    {
        IReadOnlyList<SegmentedToken> tokens = Split("aé", 0xC3);

        Assert.That(tokens.Select(token => token.Text), Is.EqualTo(new[] { "", "a", "é", null }));
        Assert.That(tokens.Select(token => (token.Segment, token.Offset)), Is.EqualTo(new[] { (0, 0), (0, 1), (0, 2), (1, 0) }));
    }

    [Test]
    public void NothingShownCanSteerTheTerminal()
    {
        Prop.ForAll(Texts, text => Shown(text, (writer, tokens) => writer.WriteText(tokens)).Replace("\n", "", StringComparison.Ordinal).All(IsHarmless)
            && Shown(text, (writer, tokens) => writer.WriteIds(tokens, 40)).Replace("\n", "", StringComparison.Ordinal).All(IsHarmless)).Check(Quick);

        static bool IsHarmless(char c) => !char.IsControl(c) && c != '\u202E';
    }

    [Test]
    public void RunningTextKeepsItsLines() => Assert.That(
        Shown("A b.\n\nc. d", (writer, tokens) => writer.WriteText(tokens)), Is.EqualTo("┃0┃A b.┃1┃↵\n┃2┃↵\n┃3┃c.┃4┃ d\n"));

    [Test]
    public void IdsStandAboveTheirTokens() => Assert.That(
        Shown("日é. b", (writer, tokens) => writer.WriteIds(tokens, 34)),
        Is.EqualTo("segment 0   0  0      0      0\noffset  0   1  2      3      4\ntoken   <s> 日 <0x97> <0xA5> é\n\n"
            + "segment 0      0 1 1\noffset  5      6 0 1\ntoken   <0xA9> . ␣ b\n\n"));

    [Test]
    public void ColoursAlternateAndSetBothGrounds()
    {
        string shown = Shown("a.b.", (writer, tokens) => writer.WriteText(tokens), new ColouredStyle());

        Assert.That(shown, Is.EqualTo(
            "\e[38;5;16;48;5;153ma\e[0m\e[1;38;5;231;48;5;25m.\e[0m\e[38;5;16;48;5;223mb\e[0m\e[1;38;5;231;48;5;130m.\e[0m\n"));
    }

    private static IReadOnlyList<SegmentedToken> Split(string text, params int[] separators)
    {
        var tokenizer = new ByteTokenizer();
        var ids = new List<int> { tokenizer.BeginOfSentence };
        tokenizer.Encode(text, ids);
        return SegmentedText.Of(ids, tokenizer, separators);
    }

    private static string Shown(string text, Action<SegmentWriter, IReadOnlyList<SegmentedToken>> write, ISegmentStyle? style = null)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        write(new SegmentWriter(writer, style ?? new MarkedStyle()), Split(text, 10, 46));
        return writer.ToString();
    }
}
