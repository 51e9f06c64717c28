using BiPE.Core.Data;
using BiPE.Core.Data.Corpora;
using BiPE.Core.Data.Statistics;
using BiPE.Testing;

namespace BiPE.Core.Tests.Data.Statistics;

public sealed class CountersTests
{
    private const string Corpus = """
        {"text": "a.bc.d", "meta": {"pile_set_name": "X"}}
        {"text": "é."}
        {"text": ""}
        {"text": "abc", "meta": {"pile_set_name": "X"}}
        """;

    private static readonly FakeTokenizer Tokenizer = new();
    private static readonly SeparatorSet FullStop = new("full stop", ['.' + Tokenizer.FirstId]);

    [Test]
    public void TextAndItsShardCountAlike()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("a.jsonl", Corpus);
        CorpusStatistics text = CountText(file, new CountingOptions());
        CorpusStatistics shard = CountShard(folder, file, new CountingOptions());

        foreach (SetStatistics all in new[] { text.All, shard.All })
        {
            Assert.That(Describe(all.DocumentLengths), Is.EqualTo("1x1 3x1 4x1 7x1"));
            Assert.That(all.TextBytes, Is.EqualTo(12));
            Assert.That(Describe(all.Segments[0].Lengths), Is.EqualTo("1x2 3x3 4x1"), "(bos a .) (b c .) (d) | (bos é .) | (bos) | (bos a b c)");
            Assert.That(Describe(all.Segments[0].Blocks[0].SegmentsPerBlock), Is.EqualTo("1x1 2x2"), "(bos a .) (b c | .) (d bos é .) | (bos bos a b c)");
        }

        Assert.That(text.Sets.Select(set => (set.Name, set.TokenCount, set.TextBytes)), Is.EqualTo(new (string, long, long?)[] { (CorpusReading.NoSet, 4, 3), ("X", 11, 9) }));
        Assert.That(shard.Sets.Select(set => (set.Name, set.TokenCount)), Is.EqualTo(new[] { (ShardCounter.SeveralSets, 15L) }));
    }

    [Test]
    public void AShardOfOneSetCountsUnderItsName()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("a.jsonl", """{"text": "abc", "meta": {"pile_set_name": "X"}}""");

        Assert.That(CountShard(folder, file, new CountingOptions()).Sets.Single().Name, Is.EqualTo("X"));
    }

    [Test]
    public void SegmentsMayCrossTheChunksOfReading()
    {
        using var folder = new TemporaryFolder();
        string text = string.Concat(Enumerable.Repeat(new string('a', 999) + ".", 300));

        SegmentStatistics segments = CountShard(folder, folder.Write("a.txt", text), new CountingOptions()).All.Segments[0];

        Assert.That(Describe(segments.Lengths), Is.EqualTo("1000x299 1001x1"));
    }

    [TestCase(1, long.MaxValue, 1)]
    [TestCase(3, long.MaxValue, 3)]
    [TestCase(9, long.MaxValue, 4)]
    [TestCase(long.MaxValue, 1, 1)]
    [TestCase(long.MaxValue, 7, 1)]
    [TestCase(long.MaxValue, 8, 2)]
    [TestCase(2, 11, 2)]
    public void CountingStopsBehindTheDocumentThatIsEnough(long maximumDocuments, long maximumTokens, int documents)
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("a.jsonl", Corpus);
        var options = new CountingOptions { MaximumDocuments = maximumDocuments, MaximumTokens = maximumTokens };
        CorpusStatistics shard = CountShard(folder, file, options);

        Assert.That(CountText(file, options).All.DocumentCount, Is.EqualTo(documents));
        Assert.That(shard.All.DocumentCount, Is.EqualTo(documents));
        Assert.That(shard.All.TextBytes, Is.EqualTo(documents == 4 ? 12 : null), "a shard knows the bytes of all its text only");
    }

    [Test]
    public void ThreadsDoNotChangeTheCounts()
    {
        using var folder = new TemporaryFolder();
        string[] records = [.. Enumerable.Range(0, 200).Select(i => $$"""{"text": "{{string.Concat(Enumerable.Repeat($"{i * i} words. ", i % 17))}}"}""")];
        string file = folder.Write("a.jsonl", string.Join('\n', records));
        string[] counts = [.. new[] { 1, 2, 5 }.Select(threads =>
        {
            SetStatistics all = CountText(file, new CountingOptions { Threads = threads }).All;
            return $"{Describe(all.DocumentLengths)} | {Describe(all.Segments[0].Blocks[0].SegmentLengths)}";
        })];

        Assert.That(counts.Distinct().Count(), Is.EqualTo(1));
    }

    private static CorpusStatistics CountText(string file, CountingOptions options)
    {
        CorpusStatistics statistics = New();
        TextCounter.Count(CorpusReader.Open(file), Tokenizer, statistics, options, new CorpusReading());
        return statistics;
    }

    private static CorpusStatistics CountShard(TemporaryFolder folder, string file, CountingOptions options)
    {
        TokenShardWriter.Write(CorpusReader.Open(file), Tokenizer, folder.At("shard"));
        using TokenShard shard = TokenShard.Open(folder.At("shard"));
        CorpusStatistics statistics = New();
        ShardCounter.Count(shard, statistics, options);
        return statistics;
    }

    private static CorpusStatistics New() => new([FullStop], [5]);

    private static string Describe(LengthHistogram histogram) => string.Join(' ', histogram.Counts.Select(entry => $"{entry.Key}x{entry.Value}"));
}
