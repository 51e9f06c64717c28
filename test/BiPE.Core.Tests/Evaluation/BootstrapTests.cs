using BiPE.Core.Evaluation;
using BiPE.Core.Evaluation.Results;
using MathNet.Numerics.Distributions;

namespace BiPE.Core.Tests.Evaluation;

public sealed class BootstrapTests
{
    [Test]
    public void TheIntervalIsThatOfTheNormalDistributionForManyDocuments()
    {
        // Documents of equal weight: the ratio is a mean, whose interval is mean +- 1.96 s / sqrt(n).
        var random = new Random(3);
        double[] losses = [.. Enumerable.Range(0, 400).Select(_ => Normal.Sample(random, 3, 0.5))];
        LossInterval interval = Bootstrap.Interval(Of(losses, 1))!;
        double mean = losses.Average();
        double error = Math.Sqrt(losses.Sum(loss => (loss - mean) * (loss - mean)) / 399 / 400);
        Assert.That(interval.Low, Is.EqualTo(mean - (1.96 * error)).Within(0.1 * error));
        Assert.That(interval.High, Is.EqualTo(mean + (1.96 * error)).Within(0.1 * error));
        Assert.That((interval.Documents, interval.IsReliable), Is.EqualTo((400, true)));
        Assert.That(Bootstrap.Interval(Of(losses, 1)), Is.EqualTo(interval), "the same documents, the same bits");
    }

    [Test]
    public void NineteenOfTwentyIntervalsHoldTheTrueMean()
    {
        var random = new Random(4);
        int held = Enumerable.Range(0, 200).Count(_ =>
        {
            double[] losses = [.. Enumerable.Range(0, 40).Select(_ => Normal.Sample(random, 3, 0.5))];
            LossInterval interval = Bootstrap.Interval(Of(losses, 1))!;
            return interval.Low <= 3 && 3 <= interval.High;
        });
        Assert.That(held, Is.InRange(178, 198));
    }

    [Test]
    public void FewDocumentsAreNotReliableAndOneHasNoInterval()
    {
        Assert.That(Bootstrap.Interval(Of([1, 2, 3], 1))!.IsReliable, Is.False);
        Assert.That(Bootstrap.Interval(Of([1], 1)), Is.Null);
        Assert.That(Bootstrap.Difference(Of([1], 1), Of([1], 1)), Is.Null);
    }

    [Test]
    public void ADifferenceTooSmallForTheIntervalsIsSeenInPairs()
    {
        // Documents differ much more from each other than the models do.
        var random = new Random(5);
        double[] first = [.. Enumerable.Range(0, 50).Select(_ => Normal.Sample(random, 3, 0.5))];
        double[] second = [.. first.Select(loss => loss + Normal.Sample(random, 0.02, 0.02))];
        LossInterval difference = Bootstrap.Difference(Of(first, 10), Of(second, 10))!;
        Assert.That(difference.High, Is.LessThan(0));
        Assert.That(Bootstrap.Interval(Of(first, 10))!.High, Is.GreaterThan(Bootstrap.Interval(Of(second, 10))!.Low), "the intervals overlap");
        Assert.That(Bootstrap.Difference(Of(first, 10), Of(first, 10))!.High, Is.Zero);
    }

    [Test]
    public void OtherDocumentsAreNoPairs() =>
        Assert.That(() => Bootstrap.Difference(Of([1, 2], 1), Of([1, 2, 3], 1)), Throws.ArgumentException);

    private static DocumentLosses Of(double[] means, double weight) => new(
        [.. Enumerable.Range(0, means.Length).Select(i => (long)i)], [.. means.Select(mean => weight * mean)], [.. means.Select(_ => weight)]);
}
