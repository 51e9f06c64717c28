using BiPE.Core.Data.Corpora;
using BiPE.Testing;

namespace BiPE.Core.Tests.Data.Corpora;

public sealed class TableFormatTests
{
    private static readonly TableRow[][] Rows =
    [
        [new("a whale", "Gutenberg (PG-19)"), new("\\alpha é 😀", "ArXiv"), new("", "ArXiv")],
        [new("int main", "Github"), new("no set", null)],
    ];

    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void ReadsParquet() => RequireRows(_folder.Write("a.parquet", Tables.Parquet(Rows)));

    [Test]
    public void ReadsEveryKindOfArrow([Values] ArrowKind kind) => RequireRows(_folder.Write("a.arrow", Tables.Arrow(kind, Rows)));

    [TestCase(".parquet")]
    [TestCase(".arrow")]
    public void SetsAreFilteredAndCounted(string extension)
    {
        string file = Write("a" + extension, Rows);
        var reading = new CorpusReading();

        Assert.That(Texts(CorpusReader.Open(file, new CorpusOptions { Sets = ["github", "pg19"] }), reading), Is.EqualTo("a whale|int main"));
        Assert.That(reading.SetsSeen.Values.Sum(), Is.EqualTo(5));
        Assert.That(reading.LeftOut[LeftOutReason.Set], Is.EqualTo(3));
    }

    [TestCase(".parquet")]
    [TestCase(".arrow")]
    public void RowsWithoutTextAreBroken(string extension)
    {
        string file = Write("a" + extension, [[new("first", null)], [new("second", null), new(null, "ArXiv")]]);
        var reading = new CorpusReading();

        Assert.That(Texts(CorpusReader.Open(file), reading), Is.EqualTo("first|second"));
        Assert.That(reading.FirstBrokenLines, Is.EqualTo(new[] { new BrokenLine(file, 3, "the text is null", IsRow: true) }));
        Assert.That(
            () => CorpusReader.Open(file, new CorpusOptions { BrokenLines = BrokenLinePolicy.Refuse }).Read().Count(),
            Throws.TypeOf<BipeException>().With.Message.Contains($"{file}, row 3: the text is null"));
    }

    [TestCase(".parquet")]
    [TestCase(".arrow")]
    public void TextThatIsNotUtf8IsABrokenRow(string extension)
    {
        byte[] bytes = File.ReadAllBytes(Write("a" + extension, [[new("first", null), new("@@ and more", "ArXiv")], [new(null, null), new("last é", "ArXiv")]]));
        for (int at; (at = bytes.AsSpan().IndexOf("@@"u8)) >= 0;)
        {
            bytes[at] = 0xFF;
            bytes[at + 1] = 0xFE;
        }

        string file = _folder.Write("a" + extension, bytes);
        var reading = new CorpusReading();

        Assert.That(Texts(CorpusReader.Open(file), reading), Is.EqualTo("first|last é"));
        Assert.That(reading.FirstBrokenLines, Is.EqualTo(new[]
        {
            new BrokenLine(file, 2, "the text is not UTF-8", IsRow: true),
            new BrokenLine(file, 3, "the text is null", IsRow: true),
        }));
        Assert.That(
            () => CorpusReader.Open(file, new CorpusOptions { BrokenLines = BrokenLinePolicy.Refuse }).Read().Count(),
            Throws.TypeOf<BipeException>().With.Message.Contains($"{file}, row 2: the text is not UTF-8"));
        Assert.That(
            () => CorpusReader.Open(file, new CorpusOptions { TextField = "meta.pile_set_name", SetField = "text" }).Read().Count(),
            Throws.TypeOf<BipeException>().With.Message.Contains(file));
    }

    [TestCase(".parquet")]
    [TestCase(".arrow")]
    public void AnyColumnOfStringsCanBeTheTextOrTheSet(string extension)
    {
        string file = Write("a" + extension, Rows);
        Document[] documents = [.. CorpusReader.Open(file, new CorpusOptions { TextField = "meta.pile_set_name", SetField = "text" }).Read()];

        Assert.That(documents.Select(document => document.Text), Is.EqualTo(new[] { "Gutenberg (PG-19)", "ArXiv", "ArXiv", "Github" }));
        Assert.That(documents.Select(document => document.SetName), Is.EqualTo(new[] { "a whale", "\\alpha é 😀", "", "int main" }));
    }

    [TestCase(".parquet", "content")]
    [TestCase(".parquet", "id")]
    [TestCase(".parquet", "meta")]
    [TestCase(".parquet", "text.more")]
    [TestCase(".parquet", "parts.list.element")]
    [TestCase(".arrow", "content")]
    [TestCase(".arrow", "id")]
    [TestCase(".arrow", "meta")]
    [TestCase(".arrow", "text.more")]
    public void AMissingColumnIsNamedWithTheOnesThatAreThere(string extension, string field)
    {
        string file = Write("a" + extension, Rows);

        Assert.That(() => CorpusReader.Open(file, new CorpusOptions { TextField = field }).Read().Count(), Refused("--text-field"));
        Assert.That(() => CorpusReader.Open(file, new CorpusOptions { SetField = field }).Read().Count(), Refused("--set-field"));

        NUnit.Framework.Constraints.Constraint Refused(string option) => Throws.TypeOf<BipeException>()
            .With.Message.Contains($"'{file}' has no column '{field}' of text").And.Message.Contains("'text' (string)")
            .And.Message.Contains("'id' (int32)").And.Message.Contains("'meta.pile_set_name' (string)").And.Message.Contains(option);
    }

    [TestCase(".parquet")]
    [TestCase(".arrow")]
    public void EveryTruncationIsAnError(string extension)
    {
        byte[] bytes = File.ReadAllBytes(Write("whole" + extension, Rows));
        for (int length = 0; length < bytes.Length; length++)
        {
            string file = _folder.Write("cut" + extension, bytes[..length]);
            Assert.That(
                () => CorpusReader.Open(file).Read().Count(), Throws.TypeOf<BipeException>().With.Message.Contains(file), $"cut to {length} of {bytes.Length} bytes");
        }
    }

    [Test]
    public void TruncatedArrowFilesAreErrors()
    {
        byte[] bytes = Tables.Arrow(ArrowKind.File, Rows);
        for (int length = 6; length < bytes.Length; length += 3)
        {
            string file = _folder.Write("cut.arrow", bytes[..length]);
            Assert.That(() => CorpusReader.Open(file).Read().Count(), Throws.TypeOf<BipeException>().With.Message.Contains(file), $"cut to {length} of {bytes.Length} bytes");
        }
    }

    [TestCase(".parquet")]
    [TestCase(".arrow")]
    [CancelAfter(60_000)]
    public void AFileWithAFlippedByteIsReadOrRefused(string extension)
    {
        byte[] bytes = File.ReadAllBytes(Write("whole" + extension, Rows));
        int refused = 0;
        for (int position = 0; position < bytes.Length; position += 11)
        {
            byte[] flipped = [.. bytes];
            flipped[position] ^= 0x44;
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

        Assert.That(refused, Is.GreaterThan(bytes.Length / 110));
    }

    [Test]
    public void ASavedDatasetIsTheFilesOfItsState()
    {
        WriteSaved("set", ("data-00001-of-00002.arrow", [new("second", null)]), ("data-00000-of-00002.arrow", [new("third", null)]));
        _folder.Write("set/cache-0123.arrow", "what datasets leave behind");
        _folder.Write("set/dataset_info.json", "{}");
        _folder.Write("a.txt", "first");

        Assert.That(Texts(CorpusReader.Open(_folder.At("set"))), Is.EqualTo("second|third"));
        Assert.That(Texts(CorpusReader.Open(_folder.Path)), Is.EqualTo("first|second|third"));
    }

    [Test]
    public void SavedSplitsAreReadTogetherOrAlone()
    {
        WriteSaved("sets/test", ("data-00000-of-00001.arrow", [new("1", null)]));
        WriteSaved("sets/train", ("data-00000-of-00001.arrow", [new("2", null)]));
        _folder.Write("sets/dataset_dict.json", "{\"splits\": [\"train\", \"test\"]}");

        Assert.That(Texts(CorpusReader.Open(_folder.At("sets"))), Is.EqualTo("1|2"));
        Assert.That(Texts(CorpusReader.Open(_folder.At("sets/train"))), Is.EqualTo("2"));
    }

    [TestCase("{\"_data_files\": [{\"filename\": \"data-00000-of-00001.arrow\"}]}", "lacks its file 'data-00000-of-00001.arrow'")]
    [TestCase("{\"_data_files\": [{\"filename\": \"../a.arrow\"}]}", "lacks its file '../a.arrow'")]
    [TestCase("{\"_data_files\": [{\"name\": \"x\"}]}", "is damaged")]
    [TestCase("{\"_data_files\": [{\"filename\": null}]}", "is damaged (it names a file null)")]
    [TestCase("{\"_data_files\": [{\"filename\": \"a\\u0000b\"}]}", "is damaged (it names a file \"a\\u0000b\")")]
    [TestCase("{\"_data_files\": 5}", "is damaged")]
    [TestCase("{\"_data_files\": [", "is damaged")]
    [TestCase("{\"_data_files\": [], \"_indices_data_files\": [{\"filename\": \"i.arrow\"}]}", "selection of rows")]
    public void DamagedSavedDatasetsAreRefused(string state, string reason)
    {
        _folder.Write("a.arrow", Tables.Arrow(Rows));
        _folder.Write("set/state.json", state);

        Assert.That(() => CorpusReader.Open(_folder.At("set")), Throws.TypeOf<BipeException>().With.Message.Contains(reason).And.Message.Contains(_folder.At("set")));
    }

    [Test]
    public void OnlyOneRecordBatchIsHeldInMemory()
    {
        // 24 batches of 2 MB, read in far less than all of them.
        TableRow[] rows = [.. Enumerable.Range(0, 20).Select(i => new TableRow(new string((char)('a' + i), 100_000), null))];
        string file = _folder.Write("a.arrow", Tables.Arrow([.. Enumerable.Repeat(rows, 24)]));
        long most = 0;
        foreach ((int index, Document _) in CorpusReader.Open(file).Read().Index())
        {
            if (index % 100 == 0)
            {
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true));
            }
        }

        Assert.That(most - GC.GetTotalMemory(forceFullCollection: true), Is.LessThan(16 << 20));
    }

    private static string Texts(ICorpus corpus, CorpusReading? reading = null) =>
        string.Join('|', corpus.Read(reading ?? new CorpusReading()).Select(document => document.Text));

    private static void RequireRows(string file)
    {
        var reading = new CorpusReading();

        Assert.That(CorpusReader.Open(file).Read(reading), Is.EqualTo(new[]
        {
            new Document("a whale", "Gutenberg (PG-19)", file, 1),
            new Document("\\alpha é 😀", "ArXiv", file, 2),
            new Document("", "ArXiv", file, 3),
            new Document("int main", "Github", file, 4),
            new Document("no set", null, file, 5),
        }));
        Assert.That(reading.Documents, Is.EqualTo(5));
        Assert.That(reading.TotalBytes, Is.EqualTo(new FileInfo(file).Length));
        Assert.That(reading.BytesRead, Is.EqualTo(reading.TotalBytes));
    }

    private string Write(string name, TableRow[][] rows) =>
        _folder.Write(name, name.EndsWith(".parquet", StringComparison.Ordinal) ? Tables.Parquet(rows) : Tables.Arrow(rows));

    private void WriteSaved(string folder, params (string Name, TableRow[] Rows)[] files)
    {
        foreach ((string name, TableRow[] rows) in files)
        {
            _folder.Write($"{folder}/{name}", Tables.Arrow(rows));
        }

        string names = string.Join(", ", files.Select(file => $"{{\"filename\": \"{file.Name}\"}}"));
        _folder.Write($"{folder}/state.json", $"{{\"_data_files\": [{names}], \"_split\": null}}");
    }
}
