using BiPE.Cuda.Memory;
using ILGPU;
using ILGPU.Runtime.CPU;

namespace BiPE.Cuda.Tests.Memory;

public sealed class CudaMemoryPoolTests
{
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(511)]
    [TestCase(513)]
    [TestCase(1_000_003)]
    [TestCase(3_221_225_473)]
    public void AClassIsLargeEnoughAndWastesAtMostAnEighth(long bytes)
    {
        long found = CudaMemoryPool.BytesOf(CudaMemoryPool.ClassOf(bytes));
        Assert.That(found, Is.GreaterThanOrEqualTo(bytes));
        Assert.That(found, Is.LessThanOrEqualTo(Math.Max(512, (bytes * 9 / 8) + 64)));
        Assert.That(found % 64, Is.Zero);
    }

    [Test]
    public void ReleasedMemoryIsGivenOutAgain()
    {
        using Context context = Context.Create(builder => builder.CPU(new CPUDevice(2, 1, 1)));
        using CPUAccelerator accelerator = context.GetCPUDevice(0).CreateCPUAccelerator(context);
        using var pool = new CudaMemoryPool(new AcceleratorMemory(accelerator));
        CudaBuffer first = pool.Take(1000);
        nint address = first.Address;
        pool.Return(first);
        CudaBuffer second = pool.Take(1010);
        Assert.That(second.Address, Is.EqualTo(address));
        Assert.That(pool.Use.LiveBuffers, Is.EqualTo(1));
        Assert.That(pool.Use.Used, Is.EqualTo(1010));
        pool.Return(second);
        Assert.That(() => pool.Return(second), Throws.TypeOf<ObjectDisposedException>());
    }
}
