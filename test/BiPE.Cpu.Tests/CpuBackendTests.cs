using BiPE.Core.Tensors;

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

    [TestCase(ElementType.Float32)]
    [TestCase(ElementType.BFloat16)]
    public void FreezingAgainChangesNothing(ElementType type)
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1, FrozenType = type });
        Tensor factor = backend.Allocate(new Shape(48, 5), type);
        float[] values = [.. Enumerable.Range(0, 240).Select(i => (float)i)];
        backend.WriteFloats(factor, values);
        backend.FreezeFactor(factor);
        backend.FreezeFactor(factor);
        Assert.That(backend.ReadFloats(factor), Is.EqualTo(values));
    }

    [Test]
    public void FewerThreadsAreTakenAtTheirWord()
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        Assert.That(backend.Threads, Is.EqualTo(1));
    }
}
