using BiPE.Core.Data.Corpora;
using BiPE.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace BiPE.Core.Tests.Data.Corpora;

public sealed class CorpusFilterTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [TestCase("content", "source", "{\"content\": \"x\", \"source\": \"s\", \"text\": 5}")]
    [TestCase("a.b.c", "a.b.d", "{\"a\": {\"text\": 1, \"b\": {\"d\": \"s\", \"c\": \"x\"}, \"z\": {}}}")]
    [TestCase("a.b.c", "a.d", "{\"a.b.c\": \"x\", \"a\": {\"b\": 7, \"d\": \"s\"}}")]
    [TestCase("a.b.c", "a.d", "{\"a\": {\"b.c\": \"x\", \"d\": \"s\"}}")]
    [TestCase("text", "text2", "{\"text2\": \"s\", \"text\": \"x\"}")]
    public void FieldsOfRecordsCanBeNamed(string textField, string setField, string record)
    {
        string file = _folder.Write("a.jsonl", record);

        Document document = CorpusReader.Open(file, new CorpusOptions { TextField = textField, SetField = setField }).Read().Single();

        Assert.That((document.Text, document.SetName), Is.EqualTo(("x", "s")));
    }

    [TestCase("{\"a\": \"x\"}", "no \"a.b\"")]
    [TestCase("{\"b\": \"x\"}", "no \"a.b\"")]
    [TestCase("{\"c\": {\"a\": {\"b\": \"x\"}}}", "no \"a.b\"")]
    [TestCase("{\"a\": {\"b\": {\"b\": \"x\"}}}", "\"a.b\" is an object, expected a string")]
    public void RecordsWithoutTheNamedFieldAreBroken(string record, string reason)
    {
        ICorpus corpus = CorpusReader.Open(_folder.Write("a.jsonl", record), new CorpusOptions { TextField = "a.b" });

        Assert.That(() => corpus.Read().Count(), Throws.TypeOf<BipeException>().With.Message.Contains(reason).And.Message.Contains("--text-field"));
    }

    [TestCase("")]
    [TestCase("a..b")]
    [TestCase(".a")]
    public void PathsWithEmptyNamesAreRefused(string path) => Assert.That(
        () => CorpusReader.Open(_folder.Write("a.jsonl", "{}"), new CorpusOptions { TextField = path }),
        Throws.TypeOf<BipeException>().With.Message.Contains($"'{path}' names no field"));

    [Test]
    public void LengthsAreBytesOfUtf8AndBothEndsAreTaken()
    {
        string file = _folder.Write("a.jsonl", string.Concat(new[] { "", "ab", "é", "éa", "😀", "abcde" }.Select(text => $"{{\"text\": \"{text}\"}}\n")));
        var reading = new CorpusReading();

        Assert.That(
            CorpusReader.Open(file, new CorpusOptions { MinimumBytes = 2, MaximumBytes = 4 }).Read(reading).Select(document => document.Text),
            Is.EqualTo(new[] { "ab", "é", "éa", "😀" }));
        Assert.That(reading.Documents, Is.EqualTo(4));
        Assert.That(reading.LeftOut, Is.EqualTo(new Dictionary<LeftOutReason, long> { [LeftOutReason.TooShort] = 1, [LeftOutReason.TooLong] = 1 }));
        Assert.That(
            () => CorpusReader.Open(file, new CorpusOptions { MinimumBytes = 3, MaximumBytes = 2 }), Throws.TypeOf<BipeException>().With.Message.Contains("at least 3 and at most 2"));
    }

    [Test]
    public void FiltersThatTakeNothingSayWhatWasRead()
    {
        string file = _folder.Write("a.jsonl", """
            {"text": "abc", "meta": {"pile_set_name": "ArXiv"}}
            {"text": "abc", "meta": {"pile_set_name": "Github"}}
            {"text": "a", "meta": {"pile_set_name": "Github"}}
            """);

        Assert.That(
            () => CorpusReader.Open(file, new CorpusOptions { Sets = ["github"], MinimumBytes = 10 }).Read().Count(),
            Throws.TypeOf<BipeException>().With.Message.EqualTo(
                $"'{file}' has no documents that the filters take: 3 were read, 1 of other sets than 'github', 2 shorter than 10 bytes; the sets are 'ArXiv', 'Github'. Widen the filters."));
    }

    [Test]
    public void EveryDocumentIsInExactlyOnePartAndTheSharesAreKept()
    {
        string file = _folder.Write("a.jsonl", string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{{\"text\": \"number {i}\"}}\n")));
        string[][] parts = [.. Enum.GetValues<SplitPart>().Select(part => Texts(file, Split(part)))];

        Assert.That(parts.SelectMany(part => part), Is.Unique.And.Exactly(20_000).Items);

        // Six standard deviations of binomial counts.
        Assert.That(parts[0], Has.Length.EqualTo(16_000).Within(340));
        Assert.That(parts[1], Has.Length.EqualTo(3_000).Within(304));
        Assert.That(Texts(file, Split(SplitPart.Train, seed: 2)).Intersect(parts[0]).Count(), Is.EqualTo(12_800).Within(600), "another seed is another split");
        Assert.That(parts[1][..3], Is.EqualTo(new[] { "number 1", "number 20", "number 23" }), "the split is the same forever");
    }

    [Test]
    public void EqualTextsAreInTheSamePartWhateverTheirFileFormatAndOrder()
    {
        TableRow[] rows = [.. Enumerable.Range(0, 300).Select(i => new TableRow($"text {i % 100} é", $"set {i}"))];
        string lines = string.Concat(rows.Reverse().Select(row => $"{{\"text\": \"{row.Text}\"}}\n"));
        string[] files =
        [
            _folder.Write("a.jsonl", lines), _folder.Write("b.jsonl.gz", Compressed.Gzip(lines)), _folder.Write("c.jsonl.zst", Compressed.Zstd(lines)),
            _folder.Write("d.parquet", Tables.Parquet(rows)), _folder.Write("e.arrow", Tables.Arrow(rows)),
        ];
        foreach (SplitPart part in Enum.GetValues<SplitPart>())
        {
            string[][] texts = [.. files.Select(file => Texts(file, Split(part)))];
            Assert.That(texts, Is.All.EquivalentTo(texts[0]));
            Assert.That(texts[0].GroupBy(text => text).Select(group => group.Count()), Is.All.EqualTo(3));
        }
    }

    [Test]
    public void ALargerTrainingShareKeepsWhatWasThereBefore() => Prop.ForAll((NonNull<string> text, byte first, byte second) =>
    {
        SplitPart before = Part(Math.Min(first, second) / 256m);
        SplitPart after = Part(Math.Max(first, second) / 256m);
        return before == SplitPart.Test || after == SplitPart.Train;

        SplitPart Part(decimal share) => new DocumentSplit(SplitPart.Test, share, 0, 1 - share, 3).PartOf(text.Get);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(20240118, 7));

    [Test]
    public void SharesThatMakeNoSenseAreRefused()
    {
        Assert.That(() => new DocumentSplit(SplitPart.Train, 0.9m, 0.05m, 0.01m, 1), Throws.TypeOf<BipeException>().With.Message.Contains("which make 0.96"));
        Assert.That(() => new DocumentSplit(SplitPart.Train, 1.1m, -0.1m, 0, 1), Throws.TypeOf<BipeException>());
        Assert.That(() => new DocumentSplit(SplitPart.Test, 0.9m, 0.1m, 0, 1), Throws.TypeOf<BipeException>().With.Message.Contains("test split has a share of 0"));
        Assert.That(new DocumentSplit(SplitPart.Train, 1, 0, 0, 5).Takes("anything"));
    }

    private static DocumentSplit Split(SplitPart part, ulong seed = 1) => new(part, 0.8m, 0.15m, 0.05m, seed);

    private static string[] Texts(string file, DocumentSplit split) =>
        [.. CorpusReader.Open(file, new CorpusOptions { Split = split }).Read().Select(document => document.Text)];
}
