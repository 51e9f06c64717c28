using BiPE.Cli.Console;

namespace BiPE.Cli.Tests.Console;

internal sealed class TransferRateTests
{
    [Test]
    public void TheRateIsThatOfTheLastTenSeconds()
    {
        var time = new ManualTime();
        var rate = new TransferRate(time);
        Assert.That(rate.Update(1000), Is.Zero, "what was there before counts for nothing");

        // Slow for 20 seconds, then ten times as fast.
        long bytes = 1000;
        double last = 0;
        for (int second = 1; second <= 40; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            bytes += second <= 20 ? 10 : 100;
            last = rate.Update(bytes);
            if (second == 20)
            {
                Assert.That(last, Is.EqualTo(10).Within(1e-9));
            }
        }

        Assert.That(last, Is.EqualTo(100).Within(1e-9));
    }
}
