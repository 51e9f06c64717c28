using BiPE.Cli.Benchmark;
using BiPE.Cli.Benchmark.Cases;

namespace BiPE.Cli.Tests.Benchmark;

internal sealed class TurnSamplesTests
{
    [Test]
    public void SharesAreOfTheLimitAroundEachTurn()
    {
        // The machine is half as fast in the second turn, and so is the limit; in the third only the limit is.
        var samples = new TurnSamples("product", OperationLimit.Peak, Flops: 80, Bytes: 7, Seconds: [1, 2, 1], Limits: [100, 50, 50]);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(samples.MedianShare, Is.EqualTo(0.8));
            Assert.That(samples.MedianSeconds, Is.EqualTo(1));
            Assert.That(samples.MedianLimit, Is.EqualTo(50));
            Assert.That(samples.ShareAt(0), Is.EqualTo(0.8));
            Assert.That(samples.ShareAt(1), Is.EqualTo(1.6));
        }
    }

    [Test]
    public void BytesCountWhereMemoryDecides([Values(OperationLimit.Copy, OperationLimit.Read)] OperationLimit limit)
    {
        var samples = new TurnSamples("copy", limit, Flops: 80, Bytes: 7, Seconds: [1], Limits: [14]);

        Assert.That(samples.MedianShare, Is.EqualTo(0.5));
    }

    [TestCase(0, 100.0, true)]
    [TestCase(2, 100.0, true)]
    [TestCase(3, 0.4, true)]
    [TestCase(3, 0.5, false)]
    [TestCase(15, 0.0, false)]
    public void TurnsGoOnUntilTheTimeIsOverOrThereAreEnough(int turns, double seconds, bool expected) =>
        Assert.That(new TurnPlan(WarmUp: 0, Fewest: 3, Most: 15, Seconds: 0.5).GoesOn(turns, TimeSpan.FromSeconds(seconds)), Is.EqualTo(expected));
}
