using BiPE.Cli.Benchmark.Limits;

namespace BiPE.Cli.Tests.Benchmark;

internal sealed class CpuLimitsTests
{
    [Test]
    public void LimitsAreThoseOfAProcessorOfThisCentury()
    {
        const int Threads = 3;
        CpuLimits limits = CpuLimits.Measure(Threads);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(limits.Threads, Is.EqualTo(Threads));
            Assert.That(limits.PeakFlops, Is.InRange(1e8, 1e14));
            Assert.That(limits.ReadBytes, Is.InRange(1e8, 1e13));
            Assert.That(limits.CopyBytes, Is.InRange(1e8, 1e13));
            Assert.That(limits.NonTemporalCopyBytes, Is.InRange(1e8, 1e13));
        }
    }

    [Test]
    public void EveryThreadOfATeamRunsEachTime([Values(1, 4)] int threads)
    {
        var counts = new int[threads];
        double seconds = ThreadTeam.Best(threads, 5, new CountingLoop(counts));

        Assert.That(counts, Is.All.EqualTo(5));
        Assert.That(seconds, Is.InRange(0, 60));
    }

    private readonly struct CountingLoop(int[] counts) : ILimitLoop
    {
        public void Run(int thread) => counts[thread]++;
    }
}
