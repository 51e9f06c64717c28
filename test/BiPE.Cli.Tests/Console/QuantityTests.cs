using BiPE.Cli.Console;

namespace BiPE.Cli.Tests.Console;

internal sealed class QuantityTests
{
    [TestCase(0, "0")]
    [TestCase(7, "7")]
    [TestCase(0.5, "0.50")]
    [TestCase(999, "999")]
    [TestCase(999.6, "1.00k")]
    [TestCase(1234, "1.23k")]
    [TestCase(99_960, "100k")]
    [TestCase(45_600_000, "45.6M")]
    [TestCase(2e15, "2000T")]
    public void ThreeDigitsAndASuffix(double value, string expected) => Assert.That(Quantity.Short(value), Is.EqualTo(expected));

    [TestCase(512, "512 B")]
    [TestCase(1.5e6, "1.50 MB")]
    public void BytesHaveAUnit(double value, string expected) => Assert.That(Quantity.Bytes(value), Is.EqualTo(expected));

    [TestCase(0.2, "0s")]
    [TestCase(59.4, "59s")]
    [TestCase(80, "1m 20s")]
    [TestCase(11_100, "3h 05m")]
    [TestCase(187_200, "2d 4h")]
    public void DurationsHaveTwoUnitsAtMost(double seconds, string expected) =>
        Assert.That(Quantity.Duration(TimeSpan.FromSeconds(seconds)), Is.EqualTo(expected));
}
