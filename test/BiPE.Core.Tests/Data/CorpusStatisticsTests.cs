using BiPE.Core.Data;
using BiPE.Core.Data.Corpora;
using BiPE.Testing;

namespace BiPE.Core.Tests.Data;

public sealed class CorpusStatisticsTests
{
    [Test]
    public void CountsDocumentsAndSegments()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("a.jsonl", """
            {"text": "a.bc.d"}
            {"text": "é."}
            {"text": ""}
            """);
        var tokenizer = new FakeTokenizer();
        TokenShardWriter.Write(CorpusReader.Open(file), tokenizer, folder.At("shard"));
        using TokenShard shard = TokenShard.Open(folder.At("shard"));

        CorpusStatistics statistics = CorpusStatistics.Compute(shard, ['.' + tokenizer.FirstId]);

        Assert.That(statistics.TokenCount, Is.EqualTo(11));
        Assert.That(statistics.TextBytes, Is.EqualTo(9));
        Assert.That(statistics.BytesPerToken, Is.EqualTo(9 / 11.0));
        Assert.That(Describe(statistics.DocumentLengths), Is.EqualTo("1x1 3x1 7x1"));
        Assert.That(Describe(statistics.SegmentLengths), Is.EqualTo("1x2 3x3"), "(bos a .) (b c .) (d) | (bos é .) | (bos)");
    }

    [Test]
    public void SegmentsMayCrossTheChunksOfReading()
    {
        using var folder = new TemporaryFolder();
        string text = string.Concat(Enumerable.Repeat(new string('a', 999) + ".", 300));
        var tokenizer = new FakeTokenizer();
        TokenShardWriter.Write(CorpusReader.Open(folder.Write("a.txt", text)), tokenizer, folder.At("shard"));
        using TokenShard shard = TokenShard.Open(folder.At("shard"));

        Assert.That(Describe(CorpusStatistics.Compute(shard, ['.' + tokenizer.FirstId]).SegmentLengths), Is.EqualTo("1000x299 1001x1"));
        Assert.That(Describe(CorpusStatistics.Compute(shard, []).SegmentLengths), Is.EqualTo("300001x1"));
    }

    [Test]
    public void QuantilesAreTheNearestRanks()
    {
        var histogram = new LengthHistogram();
        foreach (long length in new long[] { 5, 1, 9, 5, 3, 5, 7, 2, 8, 4 })
        {
            histogram.Add(length);
        }

        Assert.That(new[] { 0, 0.1, 0.11, 0.5, 0.7, 0.9, 1 }.Select(histogram.Quantile), Is.EqualTo(new long[] { 1, 1, 2, 5, 5, 8, 9 }));
        Assert.That(histogram.Mean, Is.EqualTo(4.9));
        Assert.That(() => histogram.Quantile(1.1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => histogram.Quantile(double.NaN), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new LengthHistogram().Quantile(0.5), Throws.InvalidOperationException);
    }

    private static string Describe(LengthHistogram histogram) =>
        string.Join(' ', histogram.Counts.Select(entry => $"{entry.Key}x{entry.Value}"));
}
