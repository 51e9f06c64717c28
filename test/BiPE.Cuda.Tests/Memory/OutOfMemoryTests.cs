using BiPE.Core;
using BiPE.Core.Tensors;

namespace BiPE.Cuda.Tests.Memory;

/// <summary>A device of 8 MiB.</summary>
public sealed class OutOfMemoryTests
{
    private CudaBackend _backend = null!;

    [SetUp]
    public void Open() => _backend = CudaBackend.OpenSimulated(
        CudaPrecision.Float32, warpSize: 2, warps: 1, accelerator => new LimitedMemory(accelerator, 8L << 20));

    [TearDown]
    public void Close() => _backend.Dispose();

    [Test]
    public void TheMessageTellsWhatWasAskedWhatIsFreeAndWhatToChange()
    {
        Tensor kept = Allocate(5);
        Assert.That(() => Allocate(4), Throws.TypeOf<BipeException>().With.Message.EqualTo(
            "The device Small is out of memory: 4 MiB were asked for, 3 of 8 MiB are free, and 5 MiB hold this program's tensors; use a smaller --batch-size (with more --gradient-accumulation) or --block-size, or --recompute to keep fewer activations."));
        _backend.Fill(kept, 1);
        Assert.That(_backend.ReadDoubles(kept)[^1], Is.EqualTo(1), "what there was stays");
        Assert.That(_backend.Memory.LiveBuffers, Is.EqualTo(1));
    }

    [Test]
    public void MemoryKeptForOtherSizesIsGivenBackFirst()
    {
        _backend.Release(Allocate(3));
        _backend.Release(Allocate(4));
        Assert.That(_backend.Memory.Reserved, Is.EqualTo(7L << 20));
        Tensor large = Allocate(8);
        Assert.That(_backend.Memory.Reserved, Is.EqualTo(8L << 20));
        _backend.Release(large);
    }

    private Tensor Allocate(int mebibytes) => _backend.Allocate(new Shape(mebibytes << 18), ElementType.Float32);
}
