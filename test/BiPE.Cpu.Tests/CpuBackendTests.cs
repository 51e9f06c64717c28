namespace BiPE.Cpu.Tests;

public sealed class CpuBackendTests
{
    [TestCase(0)]
    [TestCase(1024)]
    public void NoMoreThreadsStartThanThereAreProcessors(int asked)
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = asked });
        Assert.That(backend.Threads, Is.EqualTo(Environment.ProcessorCount));
        Assert.That(backend.Info.Device, Does.StartWith($"{Environment.ProcessorCount} threads"));
    }

    [Test]
    public void FewerThreadsAreTakenAtTheirWord()
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        Assert.That(backend.Threads, Is.EqualTo(1));
    }
}
