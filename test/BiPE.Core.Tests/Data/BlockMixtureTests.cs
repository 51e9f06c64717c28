using BiPE.Core.Data;
using FsCheck;
using FsCheck.Fluent;

namespace BiPE.Core.Tests.Data;

public sealed class BlockMixtureTests
{
    [Test]
    public void SharesAreExactInEveryRoundAndCloseEverywhere()
    {
        var mixture = new BlockMixture(Streams(500, 90, 7), [70, 20, 10], 4, 3);
        int[] counts = new int[3];
        for (long index = 0; index < 100_000; index++)
        {
            counts[mixture.PickAt(index).Source]++;
            if ((index + 1) % 10 == 0)
            {
                Assert.That(counts, Is.EqualTo(new[] { 7 * (index + 1) / 10, 2 * (index + 1) / 10, (index + 1) / 10 }), "a round of the reduced weights");
            }
        }

        Assert.That(Enumerable.Range(0, 3).Select(mixture.ShareOf), Is.EqualTo(new[] { 0.7, 0.2, 0.1 }));
    }

    [Test]
    public void EveryStreamIsReadInItsOwnOrderEpochAfterEpoch() => Prop.ForAll((byte first, byte second, ulong seed) =>
    {
        long[] weights = [1 + first, 1 + second];
        var mixture = new BlockMixture(Streams(13, 5), weights, 4, seed);
        long rounds = 3;
        var seen = new List<long>[] { [], [] };
        for (long index = 0; index < rounds * weights.Sum(); index++)
        {
            (int source, long place) = mixture.PickAt(index);
            seen[source].Add(place);
        }

        return seen.Zip(weights).All(stream => stream.First.Order().SequenceEqual(Enumerable.Range(0, (int)(rounds * stream.Second)).Select(place => (long)place)));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(100).WithReplay(20240118, 7));

    [Test]
    public void WithoutWeightsARoundIsOneEpochOfAll()
    {
        ITokenSource[] streams = Streams(50, 11);
        var mixture = new BlockMixture(streams, null, 4, 5);
        int[][] epochs = [.. Enumerable.Range(0, 3).Select(epoch => Enumerable.Range(61 * epoch, 61).Select(index => First(mixture, index)).ToArray())];

        Assert.That(epochs[0], Is.EquivalentTo(Enumerable.Range(0, 50).Select(i => 4 * i).Concat(Enumerable.Range(0, 11).Select(i => 1_000_000 + (4 * i)))));
        Assert.That(epochs[1], Is.EquivalentTo(epochs[0]));
        Assert.That(epochs[1], Is.Not.EqualTo(epochs[0]));
        Assert.That(epochs[2], Is.Not.EqualTo(epochs[1]));
    }

    [Test]
    public void OneStreamHasTheOrderOfItsSampler()
    {
        ITokenSource[] streams = Streams(37);
        var mixture = new BlockMixture(streams, null, 4, 9);
        var sampler = new BlockSampler(streams[0], 4, 9);

        Assert.That(Enumerable.Range(0, 111).Select(index => First(mixture, index)), Is.EqualTo(Enumerable.Range(0, 111).Select(index => 4 * (int)sampler.BlockAt(index))));
    }

    [Test]
    public void TheSameSeedGivesTheSameBlocksAnywhereAndAnotherSeedOthers()
    {
        ITokenSource[] streams = Streams(1000, 2000);
        int[] expected = [.. Enumerable.Range(0, 300).Select(index => First(new BlockMixture(streams, [2, 1], 4, 1), index))];
        var again = new BlockMixture(streams, [2, 1], 4, 1);

        Assert.That(Enumerable.Range(100, 200).Select(index => First(again, index)), Is.EqualTo(expected[100..]), "from the middle");
        Assert.That(Enumerable.Range(0, 300).Select(index => First(new BlockMixture(streams, [2, 1], 4, 2), index)), Is.Not.EqualTo(expected));
        Assert.That(
            Enumerable.Range(0, 300).Select(index => again.PickAt(1_000_000_000_000 + index).Source).Count(source => source == 0), Is.EqualTo(200).Within(1), "far away, too");
    }

    [Test]
    public void EqualStreamsAreReadInDifferentOrders()
    {
        ITokenSource stream = Streams(1000)[0];
        var mixture = new BlockMixture([stream, stream], [1, 1], 4, 1);
        var orders = new List<int>[] { [], [] };
        for (int index = 0; index < 200; index++)
        {
            orders[mixture.PickAt(index).Source].Add(First(mixture, index));
        }

        Assert.That(orders[0].Zip(orders[1]).Count(pair => pair.First == pair.Second), Is.LessThan(5));
    }

    [TestCase("0.7,0.2,0.1", "7,2,1")]
    [TestCase("3,1", "3,1")]
    [TestCase("0.333,1.5", "333,1500")]
    public void WeightsOfAnyUnitBecomeWholeNumbers(string weights, string expected) =>
        Assert.That(BlockMixture.WholeWeights(Numbers(weights)), Is.EqualTo(Numbers(expected).Select(number => (long)number)));

    [TestCase("1,0", "A weight is 0")]
    [TestCase("-1", "A weight is -1")]
    [TestCase("0.0000000000000000000000001,1", "too many digits")]
    [TestCase("9000000000000000000,9000000000000000000", "too many digits")]
    public void WeightsThatMakeNoSenseAreRefused(string weights, string reason) =>
        Assert.That(() => BlockMixture.WholeWeights(Numbers(weights)), Throws.TypeOf<BipeException>().With.Message.Contains(reason));

    [Test]
    public void DocumentsOfABlockAreNumberedFromTheirStarts()
    {
        // Documents of 3, 0, 6, 1 and 7 tokens; blocks of 5.
        var source = new DocumentArray([.. Enumerable.Range(0, 17)], [0, 3, 3, 9, 10]);
        var sampler = new BlockSampler(source, 5, 1);
        var found = new SortedDictionary<int, string>();
        int[] tokens = new int[5];
        int[] documents = new int[5];
        for (int index = 0; index < 3; index++)
        {
            sampler.ReadBlock(index, tokens, documents);
            found[tokens[0]] = string.Join(' ', documents);
        }

        Assert.That(found, Is.EqualTo(new Dictionary<int, string> { [0] = "0 0 0 2 2", [5] = "0 0 0 0 1", [10] = "0 0 0 0 0" }));
        Assert.That(() => new BlockSampler(new TokenArray(tokens), 5, 1).ReadBlock(0, tokens, documents), Throws.InvalidOperationException);
        Assert.That(() => sampler.ReadBlock(0, tokens, documents.AsSpan(1)), Throws.ArgumentException);
    }

    [TestCase(0.01, 4)]
    [TestCase(0.4, 4)]
    [TestCase(0.42, 3)]
    [TestCase(0.5, 3)]
    [TestCase(0.51, 2)]
    [TestCase(0.8, 2)]
    public void TheLastDocumentsAreHeldOut(double share, int expectedFirst)
    {
        // Starts 0, 2, 4, 10, 12 of 20 tokens.
        var source = new DocumentArray([.. Enumerable.Range(0, 20)], [0, 2, 4, 10, 12]);
        (DocumentRange training, DocumentRange heldOut) = DocumentRange.HoldOut(source, share);

        Assert.That(training.DocumentCount, Is.EqualTo(expectedFirst));
        Assert.That(training.DocumentCount + heldOut.DocumentCount, Is.EqualTo(5));
        Assert.That(heldOut.TokenCount, Is.GreaterThanOrEqualTo(share * 20));
        int[] tokens = new int[heldOut.TokenCount];
        heldOut.Read(0, tokens);
        Assert.That(tokens, Is.EqualTo(Enumerable.Range((int)training.TokenCount, tokens.Length)));
        Assert.That(heldOut.DocumentStart(0), Is.Zero);
        Assert.That(heldOut.DocumentStart(heldOut.DocumentCount), Is.EqualTo(heldOut.TokenCount));
        Assert.That(() => training.Read(training.TokenCount - 1, new int[2]), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => training.DocumentStart(training.DocumentCount + 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void HoldingEverythingOutIsRefused() => Assert.That(
        () => DocumentRange.HoldOut(new DocumentArray([1, 2, 3], [0, 1]), 0.9), Throws.TypeOf<BipeException>().With.Message.Contains("nothing to learn from"));

    private static decimal[] Numbers(string list) => [.. list.Split(',').Select(number => decimal.Parse(number, System.Globalization.CultureInfo.InvariantCulture))];

    /// <summary>Streams of blocks of 4 tokens, each token its own index, and a million times the stream's number more.</summary>
    private static ITokenSource[] Streams(params int[] blocks) =>
        [.. blocks.Select((count, number) => new TokenArray([.. Enumerable.Range(number * 1_000_000, 4 * count)]))];

    private static int First(BlockMixture mixture, long index)
    {
        int[] block = new int[4];
        mixture.ReadBlock(index, block);
        return block[0];
    }
}
