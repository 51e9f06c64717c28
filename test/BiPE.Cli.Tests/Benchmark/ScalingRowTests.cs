using BiPE.Cli.Benchmark.Suite;

namespace BiPE.Cli.Tests.Benchmark;

internal sealed class ScalingRowTests
{
    [Test]
    public void SpeedupsAreOverOneThread()
    {
        IReadOnlyList<ScalingRow> rows = ScalingRow.Compare(
        [
            (1, [new ThreadRate("peak", "GFLOP/s", 100), new ThreadRate("training", "tokens/s", 8)]),
            (2, [new ThreadRate("peak", "GFLOP/s", 190), new ThreadRate("training", "tokens/s", 12)]),
        ]);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(rows.Select(row => (row.Name, row.Unit)), Is.EqualTo(new[] { ("peak", "GFLOP/s"), ("training", "tokens/s") }));
            Assert.That(rows[0].Points, Is.EqualTo([new ScalingPoint(1, 100, 1), new ScalingPoint(2, 190, 1.9)]));
            Assert.That(rows[1].Points, Is.EqualTo([new ScalingPoint(1, 8, 1), new ScalingPoint(2, 12, 1.5)]));
        }
    }
}
