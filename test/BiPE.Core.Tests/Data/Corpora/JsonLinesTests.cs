using System.Text;
using BiPE.Core.Data.Corpora;
using BiPE.Testing;

namespace BiPE.Core.Tests.Data.Corpora;

public sealed class JsonLinesTests
{
    private const string Records = """
        {"text": "a whale", "meta": {"pile_set_name": "Gutenberg (PG-19)"}}
        {"meta": {"other": [1, {"x": 2}], "pile_set_name": "ArXiv"}, "text": "\\alpha \u00e9 \ud83d\ude00", "more": {"text": 3}}

        {"text": "int main", "meta": {"pile_set_name": "Github"}}
        {"text": "no set"}

        """;

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void ReadsPlainGzipAndZstdAlike([Values(".jsonl", ".jsonl.gz", ".jsonl.zst", ".JSONL")] string extension)
    {
        byte[] bytes = extension switch
        {
            ".jsonl.gz" => Compressed.Gzip(Records),
            ".jsonl.zst" => Compressed.Zstd(Records),
            _ => Encoding.UTF8.GetBytes(Records),
        };
        string file = _folder.Write("records" + extension, bytes);
        var reading = new CorpusReading();

        List<Document> documents = [.. CorpusReader.Open(file).Read(reading)];

        Assert.That(documents, Is.EqualTo(new[]
        {
            new Document("a whale", "Gutenberg (PG-19)", file, 1),
            new Document("\\alpha é 😀", "ArXiv", file, 2),
            new Document("int main", "Github", file, 4),
            new Document("no set", null, file, 5),
        }));
        Assert.That(reading.TotalBytes, Is.EqualTo(bytes.Length));
        Assert.That(reading.BytesRead, Is.EqualTo(bytes.Length));
        Assert.That(reading.Documents, Is.EqualTo(4));
        Assert.That(reading.BrokenLines, Is.Zero);
    }

    [TestCase("pg19", "a whale")]
    [TestCase("PG19", "a whale")]
    [TestCase("gutenberg (pg-19)", "a whale")]
    [TestCase("arxiv", "\\alpha é 😀")]
    [TestCase("github,pg19", "a whale|int main")]
    public void FiltersBySet(string sets, string expected)
    {
        string file = _folder.Write("a.jsonl", Records);
        var reading = new CorpusReading();
        ICorpus corpus = CorpusReader.Open(file, new CorpusOptions { Sets = sets.Split(',') });

        Assert.That(string.Join('|', corpus.Read(reading).Select(document => document.Text)), Is.EqualTo(expected));
        Assert.That(reading.SetsSeen, Is.EqualTo(new Dictionary<string, long>
        {
            [CorpusReading.NoSet] = 1,
            ["ArXiv"] = 1,
            ["Github"] = 1,
            ["Gutenberg (PG-19)"] = 1,
        }));
    }

    [Test]
    public void AFilterThatTakesNothingNamesTheSetsThatAreThere()
    {
        ICorpus corpus = CorpusReader.Open(_folder.Write("a.jsonl", Records), new CorpusOptions { Sets = ["enron"] });

        Assert.That(() => corpus.Read().Count(), Throws.TypeOf<BipeException>()
            .With.Message.Contains("'enron'").And.Message.Contains("4 were read").And.Message.Contains("'ArXiv', 'Github', 'Gutenberg (PG-19)'"));
    }

    [TestCase("{\"text\": \"cut", "not valid JSON at byte")]
    [TestCase("nonsense", "not valid JSON at byte 2")]
    [TestCase("{\"text\": \"a\"} {\"text\": \"b\"}", "not valid JSON at byte 15")]
    [TestCase("{\"txt\": \"a\"}", "no \"text\"")]
    [TestCase("{\"text\": null}", "\"text\" is null, expected a string")]
    [TestCase("{\"text\": 5}", "\"text\" is a number, expected a string")]
    [TestCase("{\"text\": [\"a\"]}", "\"text\" is an array, expected a string")]
    [TestCase("{\"text\": {}}", "\"text\" is an object, expected a string")]
    [TestCase("[1]", "not a JSON object")]
    [TestCase("{\"text\": \"\\ud83d\"}", "half of a surrogate pair")]
    [TestCase("\0\0", "not valid JSON at byte 1")]
    public void BrokenLinesAreReportedAndSkippedOrRefused(string line, string reason)
    {
        string file = _folder.Write("a.jsonl", $"{{\"text\": \"first\"}}\n\n{line}\n{{\"text\": \"last\"}}");
        var reading = new CorpusReading();

        string[] texts = [.. CorpusReader.Open(file).Read(reading).Select(document => document.Text)];

        Assert.That(texts, Is.EqualTo(new[] { "first", "last" }));
        Assert.That(reading.BrokenLines, Is.EqualTo(1));
        Assert.That(reading.FirstBrokenLines[0].File, Is.EqualTo(file));
        Assert.That(reading.FirstBrokenLines[0].Line, Is.EqualTo(3));
        Assert.That(reading.FirstBrokenLines[0].Reason, Does.Contain(reason));

        ICorpus strict = CorpusReader.Open(file, new CorpusOptions { BrokenLines = BrokenLinePolicy.Refuse });
        Assert.That(() => strict.Read().Count(), Throws.TypeOf<BipeException>()
            .With.Message.Contains($"{file}, line 3: ").And.Message.Contains(reason));
    }

    [TestCase(100)]
    [TestCase(40_000)]
    public void RecordsMayBeNestedDeeply(int depth)
    {
        string more = string.Concat(Enumerable.Repeat("[{\"a\": ", depth)) + "0" + string.Concat(Enumerable.Repeat("}]", depth));
        string file = _folder.Write("a.jsonl", $"{{\"more\": {more}, \"text\": \"deep\"}}\n");

        Assert.That(CorpusReader.Open(file, new CorpusOptions { BrokenLines = BrokenLinePolicy.Refuse }).Read().Single().Text, Is.EqualTo("deep"));
    }

    [TestCase('[')]
    [TestCase('{')]
    public void RecordsThatAreNestedTooDeeplyAreCalledSo(char open)
    {
        string level = open == '[' ? "[" : "{\"a\":";
        string file = _folder.Write("a.jsonl", $"{{\"text\": \"a\"}}\n{{\"text\": \"b\", \"more\": {string.Concat(Enumerable.Repeat(level, 200_000))}\n");
        var reading = new CorpusReading();

        Assert.That(CorpusReader.Open(file).Read(reading).Single().Text, Is.EqualTo("a"));
        Assert.That(reading.FirstBrokenLines[0].Reason, Is.EqualTo("nested too deeply, more than 100,000 levels"));
    }

    [Test]
    public void InvalidUtf8IsABrokenLine()
    {
        byte[] bytes = [.. "{\"text\": \""u8, 0xC3, 0x28, .. "\"}\n{\"text\": \"fine\"}\n"u8];
        var reading = new CorpusReading();

        Assert.That(CorpusReader.Open(_folder.Write("a.jsonl", bytes)).Read(reading).Single().Text, Is.EqualTo("fine"));
        Assert.That(reading.BrokenLines, Is.EqualTo(1));
    }

    [Test]
    public void OnlyTheFirstBrokenLinesAreKept()
    {
        string file = _folder.Write("a.jsonl", string.Concat(Enumerable.Repeat("{\n", 1000)) + "{\"text\": \"x\"}");
        var reading = new CorpusReading();

        Assert.That(CorpusReader.Open(file).Read(reading).Count(), Is.EqualTo(1));
        Assert.That(reading.BrokenLines, Is.EqualTo(1000));
        Assert.That(reading.FirstBrokenLines, Has.Count.EqualTo(CorpusReading.BrokenLinesKept));
    }

    [Test]
    public void AFileOfBrokenLinesAloneSaysWhatIsWrongWithTheFirst()
    {
        string file = _folder.Write("a.jsonl", "hello\nworld\n");

        Assert.That(() => CorpusReader.Open(file).Read().Count(), Throws.TypeOf<BipeException>()
            .With.Message.Contains("all of its 2 lines are broken").And.Message.Contains("line 1: not valid JSON"));
    }

    [Test]
    public void ByteOrderMarkAndCarriageReturnsAreFine()
    {
        string file = _folder.Write("a.jsonl", "\uFEFF{\"text\": \"a\"}\r\n\r\n{\"text\": \"b\"}\r\n");
        var reading = new CorpusReading();

        Assert.That(CorpusReader.Open(file).Read(reading).Select(document => document.Text), Is.EqualTo(new[] { "a", "b" }));
        Assert.That(reading.BrokenLines, Is.Zero);
    }

    [Test]
    public void LinesMayBeLongerThanAnyBuffer()
    {
        string text = string.Concat(Enumerable.Range(0, 300_000).Select(i => $"{i} é\\n"));
        string file = _folder.Write("a.jsonl.zst", Compressed.Zstd($"{{\"text\": \"{text}\"}}\n{{\"text\": \"b\"}}\n"));

        Assert.That(
            CorpusReader.Open(file).Read().Select(document => document.Text),
            Is.EqualTo(new[] { text.Replace("\\n", "\n", StringComparison.Ordinal), "b" }));
    }

    [Test]
    public void CancellingStopsEvenWhenNoDocumentIsTaken()
    {
        string file = _folder.Write("a.jsonl", string.Concat(Enumerable.Repeat(Records, 5000)));
        ICorpus corpus = CorpusReader.Open(file, new CorpusOptions { Sets = ["Enron"] });
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();

        Assert.That(() => corpus.Read(cancellation.Token).Count(), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void ManyFramesAndMembersAreOneFile([Values(".jsonl.gz", ".jsonl.zst")] string extension)
    {
        Func<string, byte[]> compress = extension == ".jsonl.gz" ? Compressed.Gzip : text => Compressed.Zstd(text);

        // The middle record is split over two frames.
        byte[] bytes = [.. compress("{\"text\": \"a\"}\n{\"text\""), .. compress(": \"b\"}\n"), .. compress("{\"text\": \"c\"}")];

        Assert.That(
            CorpusReader.Open(_folder.Write("a" + extension, bytes)).Read().Select(document => document.Text),
            Is.EqualTo(new[] { "a", "b", "c" }));
    }

    [Test]
    public void LongZstdWindowsAreRead()
    {
        string text = string.Concat(Enumerable.Repeat("{\"text\": \"far away\"}\n", 100));
        byte[] bytes = Compressed.Zstd(text, windowLog: 30);

        // An unsized frame of the largest window of all: header, then one raw last block of 16 bytes.
        byte[] largest = [0x28, 0xB5, 0x2F, 0xFD, 0x00, (31 - 10) << 3, (16 << 3) | 1, 0, 0, .. "{\"text\": \"huge\"}"u8];
        string file = _folder.Write("a.jsonl.zst", [.. bytes, .. largest]);

        Assert.That(CorpusReader.Open(file).Read().Last().Text, Is.EqualTo("huge"));
        Assert.That(CorpusReader.Open(file).Read().Count(), Is.EqualTo(101));
    }

    [Test]
    public void EveryTruncationIsAnError([Values(".jsonl.gz", ".jsonl.zst")] string extension)
    {
        string text = string.Concat(Enumerable.Range(0, 40).Select(i => $"{{\"text\": \"number {i * 7919}\"}}\n"));
        byte[] bytes = extension == ".jsonl.gz" ? Compressed.Gzip(text) : Compressed.Zstd(text);
        for (int length = 0; length < bytes.Length; length++)
        {
            string file = _folder.Write("cut" + extension, bytes[..length]);
            Assert.That(() => CorpusReader.Open(file).Read().Count(), Throws.TypeOf<BipeException>().With.Message.Contains(file), $"cut to {length} of {bytes.Length} bytes");
        }
    }

    [Test]
    public void EveryFlippedByteIsReadOrRefused([Values(".jsonl.gz", ".jsonl.zst")] string extension)
    {
        string text = string.Concat(Enumerable.Range(0, 40).Select(i => $"{{\"text\": \"number {i * 7919}\"}}\n"));
        byte[] bytes = extension == ".jsonl.gz" ? Compressed.Gzip(text) : Compressed.Zstd(text);
        int refused = 0;
        for (int position = 0; position < bytes.Length; position++)
        {
            byte[] flipped = [.. bytes];
            flipped[position] ^= 0x10;
            string file = _folder.Write("flipped" + extension, flipped);
            try
            {
                _ = CorpusReader.Open(file).Read().Count();
            }
            catch (BipeException)
            {
                refused++;
            }
        }

        Assert.That(refused, Is.GreaterThan(bytes.Length * 3 / 4));
    }
}
