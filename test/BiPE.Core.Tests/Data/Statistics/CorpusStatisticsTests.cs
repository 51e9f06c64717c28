using BiPE.Core.Data;
using BiPE.Core.Data.Statistics;
using BiPE.Core.Positions;
using BiPE.Core.Positions.Segments;
using FsCheck;
using FsCheck.Fluent;

namespace BiPE.Core.Tests.Data.Statistics;

public sealed class CorpusStatisticsTests
{
    private const int Ids = 6;
    private static readonly Config Quick = Config.QuickThrowOnFailure.WithReplay(16, 2401);
    private static readonly string[] SetNames = ["books", "code"];

    /// <summary>Documents of one to forty tokens, each with the index of its set.</summary>
    private static readonly Arbitrary<(int Set, int[] Tokens)[]> Corpora =
        (from set in Gen.Choose(0, SetNames.Length - 1)
         from length in Gen.Choose(1, 40)
         from tokens in Gen.ArrayOf(Gen.Choose(0, Ids - 1), length)
         select (set, tokens)).NonEmptyListOf().Select(documents => documents.ToArray()).ToArbitrary();

    private static readonly Arbitrary<int[]> Separators =
        Gen.ListOf(Gen.Choose(0, Ids - 1)).Select(ids => ids.Distinct().Take(3).ToArray()).ToArbitrary();

    private static readonly Arbitrary<int[]> BlockSizes =
        Gen.NonEmptyListOf(Gen.Choose(1, 50)).Select(sizes => sizes.Distinct().ToArray()).ToArbitrary();

    [Test]
    public void SegmentsOfTheTextAreTheDocumentsSplitBehindSeparators()
    {
        Prop.ForAll(Corpora, Separators, (corpus, separators) =>
        {
            CorpusStatistics statistics = Count(corpus, [separators, []], []);
            return All(corpus, statistics, (tokens, counted) =>
                Same(counted.Segments[0].Lengths, tokens.SelectMany(document => Split(document, separators)))
                && Same(counted.Segments[1].Lengths, tokens.Select(document => document.Length)));
        }).Check(Quick);
    }

    [Test]
    public void SegmentsOfBlocksAreThoseOfTheModelsIds()
    {
        Prop.ForAll(Corpora, Separators, BlockSizes, (corpus, separators, blockSizes) =>
        {
            CorpusStatistics statistics = Count(corpus, [separators], blockSizes);
            return All(corpus, statistics, (tokens, counted) => counted.Segments[0].Blocks.All(blocks =>
            {
                int[][] segments = [.. tokens.SelectMany(document => document).Chunk(blocks.BlockSize)
                    .Where(block => block.Length == blocks.BlockSize).Select(block => LengthsByIds(block, separators))];
                return blocks.BlockCount == segments.Length
                    && Same(blocks.SegmentsPerBlock, segments.Select(block => block.Length))
                    && Same(blocks.SegmentLengths, segments.SelectMany(block => block));
            }));
        }).Check(Quick);
    }

    [Test]
    public void DocumentsAndBytesAreCountedBySet()
    {
        Prop.ForAll(Corpora, corpus =>
        {
            CorpusStatistics statistics = Count(corpus, [], []);
            return All(corpus, statistics, (tokens, counted) =>
                Same(counted.DocumentLengths, tokens.Select(document => document.Length))
                && counted.TextBytes == tokens.Sum(document => 3 * document.Length)
                && counted.BytesPerToken == 3);
        }).Check(Quick);
    }

    [Test]
    public void UnknownBytesMakeTheSumUnknown()
    {
        var statistics = new CorpusStatistics([], []);
        statistics.Add("a", [1, 2], 5);
        statistics.Add("b", [1, 2], null);
        statistics.Add("b", [1, 2], 5);

        Assert.That(statistics.Sets.Select(set => set.TextBytes), Is.EqualTo(new long?[] { 5, null }));
        Assert.That(statistics.All.TextBytes, Is.Null);
        Assert.That(statistics.All.BytesPerToken, Is.Null);
    }

    private static CorpusStatistics Count((int Set, int[] Tokens)[] corpus, int[][] separators, int[] blockSizes)
    {
        var statistics = new CorpusStatistics([.. separators.Select(ids => new SeparatorSet("some", ids))], blockSizes);
        foreach ((int set, int[] tokens) in corpus)
        {
            statistics.Add(SetNames[set], tokens, 3 * tokens.Length);
        }

        return statistics;
    }

    /// <summary>Whether something holds for all documents and for those of each set.</summary>
    private static bool All((int Set, int[] Tokens)[] corpus, CorpusStatistics statistics, Func<int[][], SetStatistics, bool> holds) =>
        holds([.. corpus.Select(document => document.Tokens)], statistics.All)
        && statistics.Sets.Select(set => set.Name).SequenceEqual(corpus.Select(document => SetNames[document.Set]).Distinct().Order())
        && statistics.Sets.All(set => holds([.. corpus.Where(document => SetNames[document.Set] == set.Name).Select(document => document.Tokens)], set));

    private static IEnumerable<int> Split(int[] document, int[] separators)
    {
        int start = 0;
        for (int i = 0; i < document.Length; i++)
        {
            if (separators.Contains(document[i]) || i == document.Length - 1)
            {
                yield return i + 1 - start;
                start = i + 1;
            }
        }
    }

    private static int[] LengthsByIds(int[] block, int[] separators)
    {
        var streams = new PositionStreams(block, 1, block.Length, new SeparatorSegmenter(separators));
        return [.. streams[PositionStream.Segment].ToArray().GroupBy(segment => segment).Select(segment => segment.Count())];
    }

    private static bool Same(LengthHistogram histogram, IEnumerable<int> lengths) =>
        histogram.Counts.SequenceEqual(lengths.CountBy(length => (long)length).Select(entry => KeyValuePair.Create(entry.Key, (long)entry.Value)).OrderBy(entry => entry.Key));
}
