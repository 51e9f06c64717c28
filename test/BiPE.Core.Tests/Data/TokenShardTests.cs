using BiPE.Core.Data;
using BiPE.Core.Data.Corpora;
using BiPE.Testing;

namespace BiPE.Core.Tests.Data;

public sealed class TokenShardTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TemporaryFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [TestCase(300, 2)]
    [TestCase(65536, 2)]
    [TestCase(65537, 4)]
    public void HoldsTheTokensOfEachDocumentAfterItsBeginning(int vocabularySize, int elementBytes)
    {
        var tokenizer = new FakeTokenizer(vocabularySize, vocabularySize - 200);
        string[] texts = ["hello", "", "a longer one", .. Enumerable.Range(0, 2000).Select(i => $"text {i}")];

        TokenShardIndex index = TokenShardWriter.Write(Corpus(texts), tokenizer, Target);

        Assert.That(index.ElementBytes, Is.EqualTo(elementBytes));
        Assert.That(Directory.GetFileSystemEntries(Target).Select(Path.GetFileName).Order(StringComparer.Ordinal), Is.EqualTo(new[] { "documents-00000.bin", "index.json", "tokens-00000.bin" }));
        using TokenShard shard = TokenShard.Open(Target);
        shard.Verify();
        shard.RequireTokenizer(tokenizer);
        Assert.That(shard.DocumentCount, Is.EqualTo(texts.Length));
        Assert.That(shard.TokenCount, Is.EqualTo(texts.Sum(text => text.Length + 1)));
        for (int i = 0; i < texts.Length; i++)
        {
            int[] tokens = new int[shard.DocumentStart(i + 1) - shard.DocumentStart(i)];
            shard.Read(shard.DocumentStart(i), tokens);
            Assert.That(tokens[0], Is.EqualTo(tokenizer.BeginOfSentence));
            Assert.That(tokenizer.Decode(tokens), Is.EqualTo(texts[i]));
        }
    }

    [Test]
    public void TheIndexCountsSetsBytesAndBrokenLines()
    {
        string file = _folder.Write("a.jsonl", """
            {"text": "éé", "meta": {"pile_set_name": "ArXiv"}}
            broken
            {"text": "abc", "meta": {"pile_set_name": "ArXiv"}}
            {"text": "x"}
            """);
        var reading = new CorpusReading();
        TokenShardWriter.Write(CorpusReader.Open(file), new FakeTokenizer(), Target, reading);

        using TokenShard shard = TokenShard.Open(Target);
        Assert.That(shard.Index.Sets, Is.EqualTo(new Dictionary<string, TokenSetCounts>
        {
            [CorpusReading.NoSet] = new(1, 2, 1),
            ["ArXiv"] = new(2, 7, 7),
        }));
        Assert.That(shard.Index.TextBytes, Is.EqualTo(8));
        Assert.That(shard.Index.BrokenLines, Is.EqualTo(1));
        Assert.That(reading.FirstBrokenLines[0].Line, Is.EqualTo(2));
    }

    [Test]
    public void TheSameTextGivesTheSameFiles()
    {
        TokenShardWriter.Write(Corpus("a", "b"), new FakeTokenizer(), _folder.At("one"));
        TokenShardWriter.Write(Corpus("a", "b"), new FakeTokenizer(), _folder.At("two"));

        foreach (string name in new[] { "index.json", "documents-00000.bin", "tokens-00000.bin" })
        {
            Assert.That(File.ReadAllBytes(_folder.At($"two/{name}")), Is.EqualTo(File.ReadAllBytes(_folder.At($"one/{name}"))), name);
        }
    }

    [Test]
    public void ProgressEndsWithEverything()
    {
        var progress = new LastReport();
        TokenShardWriter.Write(Corpus("abc", "de"), new FakeTokenizer(), Target, progress: progress);

        long bytes = new FileInfo(_folder.At("a.jsonl")).Length;
        Assert.That(progress.Value, Is.EqualTo(new TokenizeProgress(bytes, bytes, 2, 7, 5)));
    }

    [Test]
    public void ANewShardReplacesTheOldOne()
    {
        TokenShardWriter.Write(Corpus("the old one", "two"), new FakeTokenizer(), Target);
        TokenShardWriter.Write(Corpus("new"), new FakeTokenizer(), Target);

        using TokenShard shard = TokenShard.Open(Target);
        shard.Verify();
        Assert.That(shard.TokenCount, Is.EqualTo(4));
    }

    [Test]
    public void CancellingLeavesNothingBehind()
    {
        using var cancellation = new CancellationTokenSource();
        var corpus = new EndlessCorpus(document =>
        {
            if (document == 5000)
            {
                cancellation.Cancel();
            }
        });

        Assert.That(
            () => TokenShardWriter.Write(corpus, new FakeTokenizer(), Target, cancellation: cancellation.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Directory.Exists(Target), Is.False);
    }

    [Test]
    public void AFailureLeavesTheOldShardAsItWas()
    {
        TokenShardWriter.Write(Corpus("the old one"), new FakeTokenizer(), Target);
        string broken = _folder.Write("b.jsonl", string.Concat(Enumerable.Repeat("{\"text\": \"new\"}\n", 500)) + "broken");
        ICorpus corpus = CorpusReader.Open(broken, new CorpusOptions { BrokenLines = BrokenLinePolicy.Refuse });

        Assert.That(() => TokenShardWriter.Write(corpus, new FakeTokenizer(), Target), Throws.TypeOf<BipeException>().With.Message.Contains("line 501"));
        Assert.That(Directory.GetFileSystemEntries(Target), Has.Length.EqualTo(3));
        using TokenShard shard = TokenShard.Open(Target);
        shard.Verify();
        Assert.That(shard.TokenCount, Is.EqualTo(12));
    }

    [Test]
    public void TwoWritersOfOneFolderAreRefusedAndTheFirstWins()
    {
        var corpus = new EndlessCorpus(document =>
        {
            if (document == 10)
            {
                Assert.That(
                    () => TokenShardWriter.Write(Corpus("second"), new FakeTokenizer(), Target),
                    Throws.TypeOf<BipeException>().With.Message.Contains("no other program writes it"));
            }
        }, count: 20);

        TokenShardWriter.Write(corpus, new FakeTokenizer(), Target);

        using TokenShard shard = TokenShard.Open(Target);
        shard.Verify();
        Assert.That(shard.DocumentCount, Is.EqualTo(20));
    }

    [Test]
    public void IdsOutsideTheVocabularyAreRefused()
    {
        Assert.That(
            () => TokenShardWriter.Write(Corpus("fine", "\u0394"), new FakeTokenizer(300), Target),
            Throws.TypeOf<BipeException>().With.Message.Contains("id 918").And.Message.Contains("300 ids").And.Message.Contains("line 2"));
        Assert.That(Directory.Exists(Target), Is.False);
    }

    [Test]
    public void AFolderThatCannotBeMadeIsRefused()
    {
        string file = _folder.Write("file", "x");

        Assert.That(
            () => TokenShardWriter.Write(Corpus("a"), new FakeTokenizer(), Path.Combine(file, "below")),
            Throws.TypeOf<BipeException>().With.Message.Contains("Cannot write the token shard"));
    }

    [Test]
    public void OtherTokenizersAreRefused()
    {
        using TokenShard shard = Write("abc");

        Assert.That(
            () => shard.RequireTokenizer(new FakeTokenizer(400)),
            Throws.TypeOf<BipeException>().With.Message.Contains("300 ids").And.Message.Contains("400 ids"));
    }

    [Test]
    public void RangesOutsideTheShardAreRefused()
    {
        using TokenShard shard = Write("abc");
        int[] two = new int[2];

        Assert.That(() => shard.Read(2, two), Throws.Nothing);
        Assert.That(() => shard.Read(3, two), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => shard.Read(-1, two), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => shard.Read(0, new int[5]), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => shard.DocumentStart(2), Throws.InstanceOf<ArgumentOutOfRangeException>());
        shard.Dispose();
        Assert.That(() => shard.Read(0, two), Throws.InstanceOf<ObjectDisposedException>());
    }

    [TestCase("{\"pages\": []}")]
    [TestCase("no JSON")]
    [TestCase("{\"format\": \"other\", \"version\": 2}")]
    public void AnIndexOfSomethingElseIsNotReplaced(string json)
    {
        string index = _folder.Write("shard/index.json", json);
        var tokenizer = new WatchedTokenizer(() => Assert.Fail("the work has begun"));
        Assert.That(
            () => TokenShardWriter.Write(Corpus("a"), tokenizer, Target),
            Throws.TypeOf<BipeException>().With.Message.Contains(index).And.Message.Contains("move that file away"));
        Assert.That(File.ReadAllText(index), Is.EqualTo(json));
        Assert.That(Directory.GetFileSystemEntries(Target), Is.EqualTo(new[] { index }));
    }

    [Test]
    public void AnIndexOfAnotherVersionIsReplaced()
    {
        string index = _folder.Write("shard/index.json", "{\"format\": \"bipe-tokens\", \"version\": 1}");
        Write("abc").Dispose();
        Assert.That(File.ReadAllText(index), Does.Contain("\"version\": 2"));
    }

    [Test]
    public void AMissingIndexIsNamed()
    {
        Assert.That(() => TokenShard.Open(_folder.Path), Throws.TypeOf<BipeException>().With.Message.Contains("index.json is missing"));
    }

    [TestCase("", "no index")]
    [TestCase("{", "no index")]
    [TestCase("[]", "no \"format\"")]
    [TestCase("{\"format\": 1}", "no \"format\"")]
    [TestCase("{\"format\": \"other\", \"version\": 1}", "no \"format\"")]
    [TestCase("{\"format\": \"bipe-tokens\"}", "not of version 2")]
    [TestCase("{\"format\": \"bipe-tokens\", \"version\": \"1\"}", "not of version 2")]
    [TestCase("{\"format\": \"bipe-tokens\", \"version\": 3}", "not of version 2")]
    [TestCase("{\"format\": \"bipe-tokens\", \"version\": 2}", "no index")]
    public void ACorruptIndexIsRefused(string json, string message)
    {
        Write("abc").Dispose();
        File.WriteAllText(Path.Combine(Target, "index.json"), json);

        Assert.That(() => TokenShard.Open(Target), Throws.TypeOf<BipeException>().With.Message.Contains(message).And.Message.Contains("index.json"));
    }

    [TestCase("\"tokenCount\": 4", "\"tokenCount\": -4", "contradicts")]
    [TestCase("\"tokenCount\": 4", "\"tokenCount\": 9223372036854775807", "contradicts")]
    [TestCase("\"tokenCount\": 4|\"tokens\": 4", "\"tokenCount\": 5|\"tokens\": 5", "has 8 bytes")]
    [TestCase("\n  \"documentCount\": 1", "\n  \"documentCount\": 2", "contradicts")]
    [TestCase("\"elementBytes\": 2", "\"elementBytes\": 4", "contradicts")]
    [TestCase("\"vocabularySize\": 300", "\"vocabularySize\": 0", "contradicts")]
    [TestCase("\"documentCount\": 1", "\"documentCount\": 0", "contradicts")]
    [TestCase("\"documentCount\": 1|\"documents\": 1", "\"documentCount\": 2|\"documents\": 2", "documents-00000.bin")]
    [TestCase("\"sets\": {", "\"sets\": null, \"x\": {", "no index")]
    [TestCase("\"sets\": {", "\"sets\": { \"a\": null,", "contradicts")]
    [TestCase("\"sets\": {", "\"sets\": {}, \"x\": {", "contradicts")]
    [TestCase("\"parts\": [", "\"parts\": [ null,", "contradicts")]
    [TestCase("\n  \"textBytes\": 3", "\n  \"textBytes\": -3", "contradicts")]
    public void AnIndexThatDoesNotFitItsFilesIsRefused(string old, string changed, string message)
    {
        Write("abc").Dispose();
        string file = Path.Combine(Target, "index.json");
        string json = File.ReadAllText(file);
        foreach ((string part, string replacement) in old.Split('|').Zip(changed.Split('|')))
        {
            Assert.That(json, Does.Contain(part));
            json = json.Replace(part, replacement, StringComparison.Ordinal);
        }

        File.WriteAllText(file, json);

        Assert.That(() => TokenShard.Open(Target), Throws.TypeOf<BipeException>().With.Message.Contains(message));
    }

    [TestCase("tokens-00000.bin")]
    [TestCase("documents-00000.bin")]
    public void FilesThatAreCutOffOrMissingAreRefused(string name)
    {
        Write("abc").Dispose();
        string file = Path.Combine(Target, name);
        byte[] bytes = File.ReadAllBytes(file);
        File.WriteAllBytes(file, bytes[..^1]);
        Assert.That(() => TokenShard.Open(Target), Throws.TypeOf<BipeException>().With.Message.Contains(name).And.Message.Contains($"has {bytes.Length - 1} bytes"));

        File.WriteAllBytes(file, []);
        Assert.That(() => TokenShard.Open(Target), Throws.TypeOf<BipeException>().With.Message.Contains("has 0 bytes"));

        File.Delete(file);
        Assert.That(() => TokenShard.Open(Target), Throws.TypeOf<BipeException>().With.Message.Contains($"lacks its file {name}"));
    }

    [TestCase("tokens-00000.bin")]
    [TestCase("documents-00000.bin")]
    public void VerifyFindsAFlippedBit(string name)
    {
        Write("abc").Dispose();
        string file = Path.Combine(Target, name);
        byte[] bytes = File.ReadAllBytes(file);
        bytes[^2] ^= 1;
        File.WriteAllBytes(file, bytes);

        using TokenShard shard = TokenShard.Open(Target);
        Assert.That(() => shard.Verify(), Throws.TypeOf<BipeException>().With.Message.Contains(name).And.Message.Contains("hash"));
    }

    [Test]
    public void AnIdOutsideTheVocabularyIsFoundWhenItIsRead()
    {
        using TokenShard shard = WriteOver("tokens-00000.bin", at: 4, [0xFF, 0x7F]);
        int[] tokens = new int[2];
        shard.Read(0, tokens);
        Assert.That(
            () => shard.Read(1, tokens),
            Throws.TypeOf<BipeException>().With.Message.Contains("tokens-00000.bin").And.Message.Contains("token 2 is 32767").And.Message.Contains("vocabulary of 300"));
    }

    [TestCase(0, 1, "document 0 starts at token 1 of 9, expected 0")]
    [TestCase(1, 6, "document 2 starts at token 6 of 9, the one before it at 6")]
    [TestCase(2, 9, "document 2 starts at token 9 of 9, the one before it at 3")]
    public void StartsOfDocumentsThatDoNotAscendAreFoundWhenTheyAreRead(int document, byte start, string message)
    {
        using TokenShard shard = WriteOver("documents-00000.bin", at: 8 * document, [start]);
        Assert.That(() => Enumerable.Range(0, 3).Sum(i => shard.DocumentStart(i)), Throws.TypeOf<BipeException>().With.Message.Contains(message));
    }

    [Test]
    public void OtherFilesOfTheFolderStay()
    {
        string[] others = [_folder.Write("shard/documents_backup.bin", "mine"), _folder.Write("shard/tokens-of-mine.bin", "mine"), _folder.Write("shard/documents.bin", "mine")];
        Write("abc").Dispose();
        Write("abcd").Dispose();
        Assert.That(others, Is.All.Matches<string>(File.Exists));
    }

    [TestCase("shard/unfinished/notes.txt")]
    [TestCase("shard/unfinished/more/notes.txt")]
    [TestCase("shard/unfinished")]
    public void WhatIsNotOfUnfinishedWorkIsNotRemoved(string name)
    {
        string file = _folder.Write(name, "mine");
        var tokenizer = new WatchedTokenizer(() => Assert.Fail("the work has begun"));
        Assert.That(
            () => TokenShardWriter.Write(Corpus("a"), tokenizer, Target),
            Throws.TypeOf<BipeException>().With.Message.Contains("unfinished").And.Message.Contains("move it away"));
        Assert.That(File.ReadAllText(file), Is.EqualTo("mine"));
    }

    [Test]
    [Platform("Linux,MacOsX")]
    public void FilesMayBeLinks()
    {
        Write("abc").Dispose();
        foreach (string file in Directory.GetFiles(Target))
        {
            File.Move(file, _folder.At(Path.GetFileName(file)));
            File.CreateSymbolicLink(file, _folder.At(Path.GetFileName(file)));
        }

        using TokenShard shard = TokenShard.Open(Target);
        shard.Verify();
    }

    [Test]
    public void AFolderOfTextWithAnIndexOfSomethingElseIsText()
    {
        _folder.Write("text/index.json", "{\"pages\": []}");
        Assert.That(TokenShard.IsShard(_folder.At("text")), Is.False);

        // A damaged index is still one, so that it is named.
        _folder.Write("text/index.json", "{\"format\": \"bipe-tok");
        Assert.That(TokenShard.IsShard(_folder.At("text")), Is.True);
    }

    private TokenShard WriteOver(string name, int at, byte[] bytes)
    {
        Write("ab", "cd", "ef").Dispose();
        using (FileStream file = File.OpenWrite(Path.Combine(Target, name)))
        {
            file.Position = at;
            file.Write(bytes);
        }

        return TokenShard.Open(Target);
    }

    private string Target => _folder.At("shard");

    private ICorpus Corpus(params string[] texts) =>
        CorpusReader.Open(_folder.Write("a.jsonl", string.Concat(texts.Select(text => $"{{\"text\": \"{text}\"}}\n"))));

    private TokenShard Write(params string[] texts)
    {
        TokenShardWriter.Write(Corpus(texts), new FakeTokenizer(), Target);
        return TokenShard.Open(Target);
    }

    private sealed class LastReport : IProgress<TokenizeProgress>
    {
        public TokenizeProgress Value { get; private set; }

        public void Report(TokenizeProgress value) => Value = value;
    }

    /// <summary>Documents without end, or a number of them; tells before each which one comes.</summary>
    private sealed class EndlessCorpus(Action<int> before, int count = int.MaxValue) : ICorpus
    {
        public string Name => "endless";

        public IEnumerable<Document> Read(CorpusReading reading, CancellationToken cancellation = default)
        {
            for (int i = 0; i < count; i++)
            {
                before(i);
                yield return new Document("some text", null, "endless", i + 1);
            }
        }
    }
}
