using BiPE.Core.Tensors;

namespace BiPE.Cpu.Tests;

/// <summary>Memory is aligned, used again, counted, and on demand checked.</summary>
public sealed unsafe class CpuMemoryPoolTests
{
    [Test]
    public void MemoryIsAlignedAndAsLongAsAskedFor([Values(0, 1, 255, 256, 257, 384, 385, 1000, 5_000_000)] long byteLength)
    {
        using var pool = new CpuMemoryPool(checksMemory: false);
        CpuBuffer buffer = pool.Take(byteLength);
        Assert.That((nint)buffer.Start % 64, Is.EqualTo((nint)0));
        Assert.That(buffer.ByteLength, Is.EqualTo(byteLength));
        new Span<byte>(buffer.Start, (int)byteLength).Fill(1);
        Assert.That(pool.Use.Reserved, Is.GreaterThanOrEqualTo(byteLength).And.LessThanOrEqualTo(Math.Max(256, 3 * byteLength / 2)));
        pool.Return(buffer);
    }

    [Test]
    public void ReleasedMemoryIsUsedAgain()
    {
        using var pool = new CpuMemoryPool(checksMemory: false);
        CpuBuffer first = pool.Take(1000);
        byte* start = first.Start;
        pool.Return(first);
        CpuBuffer second = pool.Take(900);
        Assert.That((nint)second.Start, Is.EqualTo((nint)start));
        Assert.That(pool.Use.LiveBuffers, Is.EqualTo(1));
        pool.Return(second);
    }

    [Test]
    public void StatisticsCountUseAndPeak()
    {
        using var pool = new CpuMemoryPool(checksMemory: false);
        CpuBuffer a = pool.Take(1024);
        CpuBuffer b = pool.Take(2048);
        pool.Return(a);
        Assert.That(pool.Use, Is.EqualTo(new MemoryUse(2048, 3072, 3072, 1)));
        pool.Return(b);
        Assert.That(pool.Use, Is.EqualTo(new MemoryUse(0, 3072, 3072, 0)));
        Assert.That(() => pool.Return(b), Throws.TypeOf<ObjectDisposedException>());
        pool.Dispose();
        Assert.That(pool.Use.Reserved, Is.Zero);
    }

    [Test]
    public void CheckedMemoryStartsAsNotANumber()
    {
        using var pool = new CpuMemoryPool(checksMemory: true);
        CpuBuffer buffer = pool.Take(400);
        Assert.That(new Span<float>(buffer.Start, 100).ToArray(), Is.All.NaN);
        new Span<float>(buffer.Start, 100).Clear();
        pool.Return(buffer);
        buffer = pool.Take(400);
        Assert.That(new Span<float>(buffer.Start, 100).ToArray(), Is.All.NaN, "memory used again");
        pool.Return(buffer);
    }

    [Test]
    public void WritesBehindCheckedMemoryAreFound([Values(0, 1, 4, 63)] int behind)
    {
        using var pool = new CpuMemoryPool(checksMemory: true);
        CpuBuffer buffer = pool.Take(400);
        buffer.Start[400 + behind] = 0;
        Assert.That(() => pool.Return(buffer), Throws.InvalidOperationException.With.Message.Contains("400 bytes"));
        Assert.That(pool.Use.LiveBuffers, Is.Zero);
    }
}
