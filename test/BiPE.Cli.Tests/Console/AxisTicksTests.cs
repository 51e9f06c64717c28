using BiPE.Cli.Console;

namespace BiPE.Cli.Tests.Console;

internal sealed class AxisTicksTests
{
    [TestCase(2.0, 400.0, "2,5,10,20,50,100,200")]
    [TestCase(33.29, 33.91, "33.3,33.4,33.5,33.6,33.7,33.8,33.9")]
    [TestCase(3.0, 4.5, "3.0,3.5,4.0,4.5")]
    [TestCase(2.9, 60.0, "5,10,20,50")]
    [TestCase(1.5, 20_000.0, "10|100|1,000|10,000")]
    public void RoundNumbersCoverTheRange(double low, double high, string expected)
    {
        string[] labels = [.. AxisTicks.Within(low, high).Select(tick => tick.Label)];

        Assert.That(labels, Is.EqualTo(expected.Split(expected.Contains('|') ? '|' : ',')));
    }

    [Test]
    public void LabelsDifferAndSayTheirValues()
    {
        var random = new Random(5);
        for (int i = 0; i < 2000; i++)
        {
            double low = Math.Pow(10, 6 * random.NextDouble());
            double high = low * Math.Pow(10, Math.Pow(10, -3 + (4 * random.NextDouble())));
            IReadOnlyList<(double Value, string Label)> ticks = AxisTicks.Within(low, high);

            Assert.That(ticks, Has.Count.InRange(4, 16), $"{low} .. {high}");
            Assert.That(ticks.Select(tick => tick.Label), Is.Unique, $"{low} .. {high}");
            Assert.That(ticks.Select(tick => tick.Value), Is.Ordered.And.All.InRange(low * 0.999999, high * 1.000001));
        }
    }
}
