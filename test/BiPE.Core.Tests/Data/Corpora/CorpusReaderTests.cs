using System.Diagnostics;
using System.Text;
using BiPE.Core.Data.Corpora;
using BiPE.Testing;

namespace BiPE.Core.Tests.Data.Corpora;

public sealed class CorpusReaderTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void ATextFileIsOneDocument()
    {
        string file = _folder.Write("a.txt", "\uFEFFone\ntwo é\n");

        Assert.That(CorpusReader.Open(file).Read(), Is.EqualTo(new[] { new Document("one\ntwo é\n", null, file, 1) }));
    }

    [Test]
    [Platform("Linux,MacOsX")]
    public void ATextFileMayBeAPipe()
    {
        string pipe = MakePipe("a.txt");
        Task feeding = Task.Run(() => Feed(pipe, "one\ntwo"));
        Assert.That(CorpusReader.Open(pipe).Read().Single().Text, Is.EqualTo("one\ntwo"));
        Assert.That(feeding.Wait(TimeSpan.FromSeconds(30)));
    }

    [TestCase("a.parquet")]
    [TestCase("a.arrow")]
    [Platform("Linux,MacOsX")]
    public void ATableMustNotBeAPipe(string name)
    {
        string pipe = MakePipe(name);
        Task feeding = Task.Run(() => Feed(pipe, "PAR1"));
        Assert.That(
            () => CorpusReader.Open(pipe).Read().Count(),
            Throws.TypeOf<BipeException>().With.Message.Contains(pipe).And.Message.Contains("a file that can be read from any place"));
        Assert.That(feeding.Wait(TimeSpan.FromSeconds(30)));
    }

    [Test]
    public void AFolderGivesAllItsFilesInOrdinalOrder()
    {
        _folder.Write("b.txt", "3");
        _folder.Write("B.txt", "1");
        _folder.Write("a/z/deep.jsonl", "{\"text\": \"2\"}");
        _folder.Write("notes.md", "not read");
        _folder.Write("c.jsonl.gz", Compressed.Gzip("{\"text\": \"4\"}\n{\"text\": \"5\"}"));
        _folder.Write("d.txt", "");
        ICorpus corpus = CorpusReader.Open(_folder.Path);

        Assert.That(string.Concat(corpus.Read().Select(document => document.Text)), Is.EqualTo("12345"));
        Assert.That(string.Concat(corpus.Read().Select(document => document.Text)), Is.EqualTo("12345"), "a second pass");
    }

    [Test]
    [Platform("Linux,MacOsX")]
    public void LinksAreFollowedButNotInCircles()
    {
        _folder.Write("data/a.txt", "1");
        _folder.Write("data/sub/b.txt", "2");
        string linked = _folder.Write("other/c.txt", "3");
        Directory.CreateSymbolicLink(_folder.At("data/self"), ".");
        Directory.CreateSymbolicLink(_folder.At("data/sub/up"), _folder.At("data"));
        Directory.CreateSymbolicLink(_folder.At("data/linked"), _folder.At("other"));
        Directory.CreateSymbolicLink(_folder.At("other/back"), _folder.At("data"));
        File.CreateSymbolicLink(_folder.At("data/d.txt"), linked);
        Directory.CreateSymbolicLink(_folder.At("entry"), "data");
        foreach (string path in new[] { _folder.At("data"), _folder.At("entry") })
        {
            Assert.That(CorpusReader.Open(path).Read().Select(document => document.Text), Is.EquivalentTo(new[] { "1", "2", "3", "3" }), path);
        }
    }

    [Test]
    [Platform("Linux,MacOsX")]
    public void TheLengthOfALinkIsThatOfItsFile()
    {
        string text = new('x', 1000);
        File.CreateSymbolicLink(_folder.At("b.txt"), _folder.Write("a.txt", text));
        var reading = new CorpusReading();
        Assert.That(CorpusReader.Open(_folder.At("b.txt")).Read(reading).Single().Text, Is.EqualTo(text));
        Assert.That(reading.BytesRead, Is.EqualTo(1000).And.EqualTo(reading.TotalBytes));
    }

    [Test]
    public void MissingPathsAreRefused()
    {
        Assert.That(() => CorpusReader.Open(_folder.At("none.jsonl")), Throws.TypeOf<BipeException>().With.Message.Contains("none.jsonl"));
    }

    [Test]
    public void FilesThatVanishOrAreBarredAreRefused()
    {
        string file = _folder.Write("a.txt", "x");
        ICorpus corpus = CorpusReader.Open(file);
        File.Delete(file);

        Assert.That(() => corpus.Read().Count(), Throws.TypeOf<BipeException>().With.Message.Contains(file));
    }

    [TestCase("a.csv")]
    [TestCase("a.json")]
    [TestCase("a")]
    public void UnknownKindsAreRefused(string name)
    {
        string file = _folder.Write(name, "x");

        Assert.That(() => CorpusReader.Open(file), Throws.TypeOf<BipeException>().With.Message.Contains(".jsonl.zst"));
    }

    [Test]
    public void AFolderWithoutSupportedFilesIsRefused()
    {
        _folder.Write("sub/a.md", "x");

        Assert.That(() => CorpusReader.Open(_folder.Path), Throws.TypeOf<BipeException>().With.Message.Contains("holds no file"));
    }

    [TestCase("a.jsonl.gz")]
    [TestCase("a.jsonl.zst")]
    [TestCase("a.parquet")]
    [TestCase("a.arrow")]
    public void AnEmptyFileOfAKindThatIsNeverEmptyIsCutOff(string name)
    {
        string file = _folder.Write(name, "");
        _folder.Write("b.txt", "more");

        Assert.That(() => CorpusReader.Open(_folder.Path).Read().Count(), Throws.TypeOf<BipeException>().With.Message.Contains($"'{file}' is corrupt or cut off"));
    }

    [TestCase("a.txt")]
    [TestCase("a.jsonl")]
    public void AnEmptyFileHasNoDocuments(string name)
    {
        string file = _folder.Write(name, "");

        Assert.That(() => CorpusReader.Open(file).Read().Count(), Throws.TypeOf<BipeException>().With.Message.Contains("no documents"));
    }

    [Test]
    public void TextOfOtherEncodingsIsRefused()
    {
        string file = _folder.Write("a.txt", [0x66, 0xFC, 0x72]);

        Assert.That(() => CorpusReader.Open(file).Read().Count(), Throws.TypeOf<BipeException>().With.Message.Contains("not UTF-8"));
    }

    [TestCase("val.jsonl.zst", 299, "ArXiv:63:3980092 Github:144:3245530 Gutenberg (PG-19):6:3274453 Wikipedia (en):86:2547877")]
    [TestCase("sample.jsonl.zst", 13, "ArXiv:3:74277 Github:4:74564 Gutenberg (PG-19):2:69563 Wikipedia (en):4:70989")]
    public void RealTextIsReadToTheLastByte(string name, int documents, string sets)
    {
        var reading = new CorpusReading();
        var bytes = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (Document document in CorpusReader.Open(TestFiles.RequireShared($"data/{name}")).Read(reading))
        {
            bytes[document.SetName!] = bytes.GetValueOrDefault(document.SetName!) + System.Text.Encoding.UTF8.GetByteCount(document.Text);
        }

        Assert.That(reading.Documents, Is.EqualTo(documents));
        Assert.That(string.Join(' ', bytes.Select(set => $"{set.Key}:{reading.SetsSeen[set.Key]}:{set.Value}")), Is.EqualTo(sets));
    }

    private string MakePipe(string name)
    {
        string path = _folder.At(name);
        using Process maker = Process.Start("mkfifo", [path]);
        maker.WaitForExit();
        return path;
    }

    private static void Feed(string pipe, string text)
    {
        try
        {
            using var stream = new FileStream(pipe, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            stream.Write(Encoding.UTF8.GetBytes(text));
        }
        catch (IOException)
        {
            // Nobody reads what is refused.
        }
    }
}
