using BiPE.Cli.Console;

namespace BiPE.Cli.Tests.Console;

internal sealed class RemainingTimeTests
{
    [TestCase(100, "ETA 1m 39s")]
    [TestCase(1e7, "ETA 115d 17h")]
    [TestCase(1e9, "")]
    [TestCase(1e17, "")]
    [TestCase(double.MaxValue, "")]
    public void WhatWouldTakeYearsIsNotTold(double total, string expected)
    {
        var time = new ManualTime();
        var remaining = new RemainingTime(time);
        Assert.That(remaining.Describe(new ProgressState(0, total, "")), Is.Empty);
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(remaining.Describe(new ProgressState(1, total, "")), Is.EqualTo(expected));
    }
}
