using BiPE.Cli.Quickstart;
using BiPE.Core.Data.Corpora;

namespace BiPE.Cli.Tests.Quickstart;

internal sealed class SplitCorpusTests
{
    [Test]
    public void OfManyDocumentsEveryTwentiethIsHeldOut()
    {
        string[] texts = [.. Enumerable.Range(0, 45).Select(i => $"text {i}")];

        Assert.That(Read(texts, isHeldOut: true), Is.EqualTo(new[] { "text 19", "text 39" }));
        Assert.That(Read(texts, isHeldOut: false), Is.EqualTo(texts.Where((_, index) => index is not 19 and not 39)));
    }

    [TestCase(10, 500)]
    [TestCase(1, 100)]
    [TestCase(3, 0)]
    [TestCase(19, 300)]
    public void OfFewTheEndOfEachIs(int documents, int lines)
    {
        string[] texts = [.. Enumerable.Range(0, documents).Select(i => string.Concat(Enumerable.Range(0, lines).Select(line => $"{i} and {line}\n")))];
        string[] learned = Read(texts, isHeldOut: false);
        string[] heldOut = Read(texts, isHeldOut: true);

        Assert.That(learned.Zip(heldOut, (first, second) => first + second), Is.EqualTo(texts));
        Assert.That(learned, Has.All.EndsWith("\n").Or.All.Empty);
        Assert.That(heldOut, lines == 0 ? Is.All.Empty : Is.All.Not.Empty);
        Assert.That(heldOut.Sum(text => text.Length), Is.LessThanOrEqualTo(texts.Sum(text => text.Length) / 20));
    }

    [Test]
    public void ALongLineIsCutToo()
    {
        string text = new('x', 1000);

        Assert.That(Read([text], isHeldOut: true), Is.EqualTo(new[] { text[..50] }));
    }

    [TestCase("\n")]
    [TestCase("\nend\n")]
    public void ALongLineIsCutEvenIfAnotherBeginsNearTheEnd(string end)
    {
        string text = new string('x', 1000 - end.Length) + end;
        Assert.That(Read([text], isHeldOut: true), Is.EqualTo(new[] { text[950..] }));
        Assert.That(Read([text], isHeldOut: false), Is.EqualTo(new[] { text[..950] }));
    }

    [Test]
    public void NoCharacterOfTwoCodeUnitsIsCut()
    {
        string text = "x" + string.Concat(Enumerable.Repeat("\U0001F600", 500));
        Assert.That(Read([text], isHeldOut: true).Single() + "|", Does.Not.StartWith("\uDE00").And.Length.InRange(50, 52));
    }

    private static string[] Read(string[] texts, bool isHeldOut) =>
        [.. new SplitCorpus(new Corpus(texts), isHeldOut).Read(new CorpusReading()).Select(document => document.Text)];

    private sealed class Corpus(string[] texts) : ICorpus
    {
        public string Name => "texts";

        public IEnumerable<Document> Read(CorpusReading reading, CancellationToken cancellation = default) =>
            texts.Select((text, index) => new Document(text, null, "memory", index + 1));
    }
}
