using BiPE.Core.Tensors;
using BiPE.Testing;

namespace BiPE.Backend.Tests.Operations;

public sealed class AttentionTests(BackendFixture fixture) : OperationTests(fixture)
{
    private static readonly int[] Times = [.. Enumerable.Range(1, 20), 31, 32, 33, 47, 48, 49, 63, 64, 65, 66, 96, 97, 127, 128, 129, 130, 191, 192, 193, 200];
    private static readonly AttentionBiasKind?[] Biases = [null, .. Enum.GetValues<AttentionBiasKind>()];

    [TestCaseSource(nameof(Times))]
    public void MatchesTheDefinitionAtEveryLength(int time)
    {
        foreach (AttentionBiasKind? bias in BiasesAt(time))
        {
            CheckForward($"{time}, {bias}", new(time, 16) { Bias = bias, Heads = 3, KeyValueHeads = 1, Batch = time < 50 ? 2 : 1 });
        }
    }

    [Test]
    public void MatchesTheDefinitionAtEveryHeadSize([Values(1, 2, 3, 5, 8, 15, 16, 17, 20, 33, 64, 80, 96, 128)] int size, [Values(1, 30, 65)] int time) =>
        CheckForward($"head {size}, {time}", new(time, size) { Bias = AttentionBiasKind.PerKey });

    [TestCase(1, 1)]
    [TestCase(4, 1)]
    [TestCase(4, 2)]
    [TestCase(4, 4)]
    [TestCase(6, 3)]
    [TestCase(12, 12)]
    public void SharesKeysBetweenHeads(int heads, int shared) => CheckForward(
        $"heads {heads}, {shared}", new(37, 20) { Heads = heads, KeyValueHeads = shared, Batch = 3, Bias = AttentionBiasKind.PerDistance });

    [Test]
    public void SeesOnlyItsOwnDocument([Values(1, 17, 49, 64, 130)] int time)
    {
        foreach (AttentionBiasKind? bias in Biases)
        {
            CheckForward($"documents {time}, {bias}", new(time, 16) { HasDocuments = true, Bias = bias, Batch = 2 });
        }
    }

    [Test]
    public void ReadsCachedKeys([Values(1, 2, 7, 49, 63, 65)] int queries, [Values(0, 1, 5, 64, 129)] int earlier)
    {
        foreach (AttentionBiasKind? bias in BiasesAt(queries + earlier))
        {
            CheckForward($"cached {queries} after {earlier}, {bias}", new(queries, 16)
            {
                IsCached = true, EarlierKeys = earlier, Bias = bias, Heads = 4, KeyValueHeads = 2, HasDocuments = queries % 2 == 1, Batch = 2,
            });
        }
    }

    [Test]
    public void StaysExactWithTheSlopesOfBilevelAlibi([Values(1.0, 0.5)] double segmentRate, [Values(50, 200)] int time) => CheckForward(
        $"slopes times 96, {segmentRate}, {time}",
        new(time, 16) { Heads = 8, KeyValueHeads = 8, Bias = AttentionBiasKind.PerKey, BiasScale = 96, SegmentRate = segmentRate });

    [Test]
    public void StaysExactFarFromTheFirstPosition() => Check("segments from 100000", bench =>
    {
        int[] positions = [.. Enumerable.Range(0, 90).Select(i => 100_000 + (i / 3))];
        Tensor packed = bench.Activation(new(1, 90, 6, 16));
        Tensor slopes = bench.Statistic(new(2), [48, 0.375]);
        var bias = new AttentionBias(AttentionBiasKind.PerKey, slopes, bench.Integers(new(1, 90), positions));
        AttentionArguments arguments = AttentionArguments.FromPacked(packed, 2, 2, 0.25) with { Bias = bias };
        new AttentionCase(90, 16).RunForward(bench, arguments);
    });

    [Test]
    public void GivesNoWeightToMinusInfinity() => Check("minus infinity", bench =>
    {
        double[] table = bench.Values(2 * 40);
        for (int distance = 1; distance < 40; distance++)
        {
            table[distance] = distance % 3 == 0 ? double.NegativeInfinity : table[distance];
            table[40 + distance] = double.NegativeInfinity;
        }

        Tensor positions = bench.Integers(new(1, 40), [.. Enumerable.Range(0, 40)]);
        Tensor packed = bench.Activation(new(1, 40, 6, 16));
        var bias = new AttentionBias(AttentionBiasKind.PerDistance, bench.Statistic(new(2, 40), table), positions);
        new AttentionCase(40, 16).RunForward(bench, AttentionArguments.FromPacked(packed, 2, 2, 0.25) with { Bias = bias });
    });

    [Test]
    public void SeesAMaximumGrowBesideQueriesThatSeeNothingYet() => Check("a maximum grows beside minus infinity", bench =>
    {
        // Of four neighbouring groups of queries one sees no key of the first two blocks, and another a far larger score in the second.
        const int Extent = 6;
        int[] positions = [.. Enumerable.Range(0, 144).Select(i => i < 128 ? i / 64 : 2 + ((i - 128) / 4))];
        var table = new double[Extent * Extent];
        (table[2 * Extent], table[(2 * Extent) + 1]) = (0, 50);
        (table[3 * Extent], table[(3 * Extent) + 1]) = (0, -50);
        (table[4 * Extent], table[(4 * Extent) + 1]) = (double.NegativeInfinity, double.NegativeInfinity);
        (table[5 * Extent], table[(5 * Extent) + 1]) = (0, -50);
        Tensor packed = bench.Activation(new(1, 144, 3, 16), 0.1);
        var bias = new AttentionBias(AttentionBiasKind.PerPair, bench.Statistic(new(1, Extent, Extent), table), bench.Integers(new(1, 144), positions));
        AttentionArguments arguments = AttentionArguments.FromPacked(packed, 1, 1, 0.25) with { Bias = bias };
        new AttentionCase(144, 16) { Heads = 1, KeyValueHeads = 1 }.RunForward(bench, arguments);
    });

    [TestCase(AttentionBiasKind.PerDistance, false)]
    [TestCase(AttentionBiasKind.PerDistance, true)]
    [TestCase(AttentionBiasKind.PerPair, true)]
    public void EarlierDocumentsMayLieOutsideOfTheBiasTable(AttentionBiasKind kind, bool startsAnew) => Check($"earlier documents, {kind}, {startsAnew}", bench =>
    {
        const int Earlier = 100;
        const int Own = 10;
        int[] documents = [.. Enumerable.Range(0, Earlier + Own).Select(i => i / Earlier)];
        int[] positions = [.. Enumerable.Range(0, Earlier + Own).Select(i => startsAnew ? i % Earlier : i)];
        Tensor table = bench.Statistic(kind == AttentionBiasKind.PerPair ? new(1, Own, Own) : new(1, Own));
        AttentionArguments arguments = AttentionArguments.FromCache(
            bench.Activation(new(1, Own, 1, 16)), bench.Activation(new(1, Earlier + Own, 1, 16)), bench.Activation(new(1, Earlier + Own, 1, 16)), 0.25) with
        {
            Bias = new AttentionBias(kind, table, bench.Integers(new(1, Earlier + Own), positions)),
            Documents = bench.Integers(new(1, Earlier + Own), documents),
        };
        new AttentionCase(Own, 16) { Heads = 1, KeyValueHeads = 1 }.RunForward(bench, arguments);
    });

    [Test]
    public void SurvivesVeryLargeScores([Values(30.0, 1e3, 1e10)] double size) => Check($"scores of {size}", bench =>
    {
        // Multiples of a power of two keep every score exact, so that the winner is the same in any precision.
        double step = Math.ScaleB(1, (int)Math.Log2(size));
        double[] values = Array.ConvertAll(bench.Values(1 * 70 * 3 * 4, 2), value => Math.Round(value) * step);
        Tensor packed = bench.Activation(new(1, 70, 3, 4), values);
        Tensor output = bench.Destination(new(1, 70, 1, 4));
        Tensor logSumExp = bench.StatisticDestination(new(1, 1, 70));
        bench.Backend.Attention(output, logSumExp, AttentionArguments.FromPacked(packed, 1, 1, 0.5));
        bench.Expect("output", output, new Tolerance(64, step));
        bench.Expect("log-sum-exp", logSumExp, new Tolerance(16, 8));
    });

    [Test]
    public void DoesNotDependOnLaterTokens([Values(1, 16, 63, 64, 65, 100)] int visible)
    {
        const int Time = 140;
        var generator = new Random(visible);
        double[] packed = [.. Enumerable.Range(0, Time * 3 * 16).Select(_ => (double)(float)(generator.NextDouble() - 0.5))];
        double[] before = Forward(packed, Time);
        for (int i = visible * 3 * 16; i < packed.Length; i++)
        {
            packed[i] = 1e4 * (generator.NextDouble() - 0.5);
        }

        double[] after = Forward(packed, Time);
        Assert.That(after.Take(visible * 16), Is.EqualTo(before.Take(visible * 16)));
        Assert.That(after.Skip(visible * 16), Is.Not.EqualTo(before.Skip(visible * 16)));
    }

    [Test]
    public void MatchesTheDefinitionForRandomCases([Range(1, 40)] int number) => Check($"random case {number}", bench =>
    {
        AttentionCase attention = AttentionCases.Random(bench.Random, mayBeCached: true);
        attention.RunForward(bench, attention.Arguments(bench));
    });

    /// <summary>Every kind of bias, or on a simulated device one at a length, each in turn.</summary>
    private AttentionBiasKind?[] BiasesAt(int time) => IsSimulated && time > 20 ? [Biases[time % Biases.Length]] : Biases;

    private double[] Forward(double[] values, int time)
    {
        using var scope = new TensorScope(Backend);
        Tensor packed = scope.Allocate(new(1, time, 3, 16));
        Backend.WriteDoubles(packed, values);
        Tensor output = scope.Allocate(new(1, time, 1, 16));
        Tensor logSumExp = scope.Allocate(new(1, 1, time), Backend.Info.StatisticsType);
        Backend.Attention(output, logSumExp, AttentionArguments.FromPacked(packed, 1, 1, 0.25));
        return Backend.ReadDoubles(output);
    }

    private void CheckForward(string name, AttentionCase attention) =>
        Check(name, bench => attention.RunForward(bench, attention.Arguments(bench)));
}
