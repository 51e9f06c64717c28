using BiPE.Core.Data;
using FsCheck;
using FsCheck.Fluent;
using BiPE.Testing;

namespace BiPE.Core.Tests.Data;

public sealed class BlockSamplerTests
{
    private static readonly Arbitrary<int> BlockCounts = Gen.OneOf(Gen.Choose(1, 40), Gen.Choose(1, 3000)).ToArbitrary();
    private static readonly Arbitrary<ulong> Seeds = Gen.Choose(int.MinValue, int.MaxValue).Select(seed => (ulong)seed).ToArbitrary();
    private static readonly Config Quick = Config.QuickThrowOnFailure.WithReplay(16, 2401);

    [Test]
    public void EachEpochHasEveryBlockOnce()
    {
        Prop.ForAll(BlockCounts, Seeds, Gen.Choose(0, 1_000_000).ToArbitrary(), (count, seed, epoch) =>
        {
            var sampler = new BlockSampler(new CountedTokens(count), 1, seed);
            return Enumerable.Range(0, count).Select(i => sampler.BlockAt(((long)epoch * count) + i)).Order()
                .SequenceEqual(Enumerable.Range(0, count).Select(i => (long)i));
        }).Check(Quick);
    }

    [Test]
    public void ABlockIsItsTokensAndTheRemainderIsLeftOut()
    {
        int[] tokens = [.. Enumerable.Range(0, 107)];
        Prop.ForAll(Gen.Choose(1, 107).ToArbitrary(), Seeds, (length, seed) =>
        {
            var sampler = new BlockSampler(new TokenArray(tokens), length, seed);
            int[] block = new int[length];
            return sampler.BlockCount == 107 / length && Enumerable.Range(0, (int)sampler.BlockCount * 2).All(index =>
            {
                sampler.ReadBlock(index, block);
                return block.SequenceEqual(tokens.Skip((int)sampler.BlockAt(index) * length).Take(length));
            });
        }).Check(Quick);
    }

    [Test]
    public void ItResumesAnywhereAndInAnyOrder()
    {
        var whole = new BlockSampler(new CountedTokens(1009), 1, 7);
        long[] order = [.. Enumerable.Range(0, 3000).Select(i => whole.BlockAt(i))];

        Prop.ForAll(Gen.Choose(0, 2999).ToArbitrary(), start =>
        {
            var resumed = new BlockSampler(new CountedTokens(1009), 1, 7);
            return Enumerable.Range(start, Math.Min(50, 3000 - start)).Reverse().All(i => resumed.BlockAt(i) == order[i]);
        }).Check(Quick);
    }

    [Test]
    public void EpochsAndSeedsHaveTheirOwnOrder()
    {
        long[][] orders =
        [
            .. from seed in new ulong[] { 0, 1, 2, ulong.MaxValue }
               from epoch in new long[] { 0, 1, 2, 1000 }
               select Order(1000, seed, epoch),
        ];

        for (int i = 0; i < orders.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                // Two random orders of 1000 agree at one place on average.
                Assert.That(orders[i].Zip(orders[j]).Count(pair => pair.First == pair.Second), Is.LessThan(10), $"orders {i} and {j}");
            }
        }
    }

    [TestCase(2)]
    [TestCase(7)]
    [TestCase(64)]
    [TestCase(100)]
    public void EveryBlockIsAsLikelyAtEveryPlace(int count)
    {
        const int Epochs = 4000;
        double[,] seen = new double[count, count];
        for (int epoch = 0; epoch < Epochs; epoch++)
        {
            long[] order = Order(count, 42, epoch);
            for (int place = 0; place < count; place++)
            {
                seen[place, order[place]]++;
            }
        }

        double expected = (double)Epochs / count;
        double chiSquare = seen.Cast<double>().Sum(times => (times - expected) * (times - expected) / expected);

        // (count - 1)^2 degrees of freedom; within five standard deviations.
        double freedom = (count - 1.0) * (count - 1.0);
        Assert.That(chiSquare, Is.EqualTo(freedom).Within(5 * Math.Sqrt(2 * freedom)));
    }

    [Test]
    public void NeighboursAreFarApartAsInARandomOrder()
    {
        long[] order = Order(100_000, 3, 0);

        // The mean distance of two random places of 0 .. n - 1 is n / 3.
        double distance = order.Zip(order.Skip(1)).Average(pair => (double)Math.Abs(pair.First - pair.Second));
        Assert.That(distance, Is.EqualTo(100_000 / 3.0).Within(1).Percent);
    }

    [Test]
    public void CorporaBeyondEveryMemoryAreShuffledToo()
    {
        const long Blocks = 400_000_000_000;
        var sampler = new BlockSampler(new CountedTokens((Blocks * 1024) + 5), 1024, 9);
        long[] blocks = [.. Enumerable.Range(0, 10_000).Select(i => sampler.BlockAt((3 * Blocks) + i))];

        Assert.That(sampler.BlockCount, Is.EqualTo(Blocks));
        Assert.That(blocks, Is.Unique.And.All.InRange(0L, Blocks - 1));
        Assert.That(blocks.Average(), Is.EqualTo(Blocks / 2.0).Within(2).Percent);
    }

    [Test]
    public void ReadsFromAShardAsFromMemory()
    {
        using var folder = new TemporaryFolder();
        string text = string.Concat(Enumerable.Range(0, 500).Select(i => $"{i} "));
        TokenShardWriter.Write(BiPE.Core.Data.Corpora.CorpusReader.Open(folder.Write("a.txt", text)), new FakeTokenizer(), folder.At("shard"));
        using TokenShard shard = TokenShard.Open(folder.At("shard"));
        int[] all = new int[shard.TokenCount];
        shard.Read(0, all);
        var fromShard = new BlockSampler(shard, 32, 5);
        var fromMemory = new BlockSampler(new TokenArray(all), 32, 5);
        int[] a = new int[32];
        int[] b = new int[32];
        for (int index = 0; index < 200; index++)
        {
            fromShard.ReadBlock(index, a);
            fromMemory.ReadBlock(index, b);
            Assert.That(a, Is.EqualTo(b));
        }
    }

    [Test]
    public void BlocksLongerThanTheCorpusAreRefused()
    {
        Assert.That(
            () => new BlockSampler(new TokenArray(new int[100]), 101, 0),
            Throws.TypeOf<BipeException>().With.Message.Contains("101 tokens").And.Message.Contains("100 tokens"));
    }

    [Test]
    public void WrongArgumentsAreRefused()
    {
        var sampler = new BlockSampler(new TokenArray(new int[100]), 10, 0);

        Assert.That(() => sampler.ReadBlock(0, new int[9]), Throws.ArgumentException);
        Assert.That(() => sampler.ReadBlock(-1, new int[10]), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new BlockSampler(new TokenArray([]), 0, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    private static long[] Order(int count, ulong seed, long epoch)
    {
        var sampler = new BlockSampler(new CountedTokens(count), 1, seed);
        return [.. Enumerable.Range(0, count).Select(i => sampler.BlockAt((epoch * count) + i))];
    }

    /// <summary>A source of any size; token i is i modulo 2^31.</summary>
    private sealed class CountedTokens(long count) : ITokenSource
    {
        public long TokenCount => count;

        public void Read(long start, Span<int> destination)
        {
            for (int i = 0; i < destination.Length; i++)
            {
                destination[i] = (int)((start + i) & int.MaxValue);
            }
        }
    }
}
