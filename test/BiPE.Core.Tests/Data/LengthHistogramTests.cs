using BiPE.Core.Data;
using FsCheck;
using FsCheck.Fluent;

namespace BiPE.Core.Tests.Data;

public sealed class LengthHistogramTests
{
    private static readonly Config Quick = Config.QuickThrowOnFailure.WithReplay(16, 2401);
    private static readonly Arbitrary<int[]> Lengths = Gen.NonEmptyListOf(Gen.Choose(0, 30)).Select(list => list.ToArray()).ToArbitrary();

    [Test]
    public void QuantilesAreTheNearestRanks()
    {
        LengthHistogram histogram = Of(5, 1, 9, 5, 3, 5, 7, 2, 8, 4);

        Assert.That(new[] { 0, 0.1, 0.11, 0.5, 0.7, 0.9, 1 }.Select(histogram.Quantile), Is.EqualTo(new long[] { 1, 1, 2, 5, 5, 8, 9 }));
        Assert.That(histogram.Mean, Is.EqualTo(4.9));
        Assert.That(() => histogram.Quantile(1.1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => histogram.Quantile(double.NaN), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new LengthHistogram().Quantile(0.5), Throws.InvalidOperationException);
    }

    [Test]
    public void EverythingIsAsOfTheListOfLengths()
    {
        Prop.ForAll(Lengths, Gen.Choose(0, 30).ToArbitrary(), Gen.Choose(0, 100).ToArbitrary(), (lengths, limit, percent) =>
        {
            LengthHistogram histogram = Of(lengths);
            int rank = Math.Max(1, ((percent * lengths.Length) + 99) / 100);
            return histogram.Count == lengths.Length
                && histogram.Sum == lengths.Sum()
                && histogram.SumAbove(limit) == lengths.Where(length => length > limit).Sum()
                && histogram.ExcessOver(limit) == lengths.Sum(length => Math.Max(0, length - limit))
                && histogram.Quantile(percent / 100.0) == lengths.Order().ElementAt(rank - 1)
                && histogram.Counts.SelectMany(entry => Enumerable.Repeat((int)entry.Key, (int)entry.Value)).SequenceEqual(lengths.Order());
        }).Check(Quick);
    }

    private static LengthHistogram Of(params int[] lengths)
    {
        var histogram = new LengthHistogram();
        Array.ForEach(lengths, length => histogram.Add(length));
        return histogram;
    }
}
